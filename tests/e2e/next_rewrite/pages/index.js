export default function Page() {
  return <main>The owner&apos;s app</main>;
}
