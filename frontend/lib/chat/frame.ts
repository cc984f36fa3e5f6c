/** Gathers text until the next frame; the first piece after a pause goes on at once. */
export class TextGatherer {
  private text = '';
  private isWaiting = false;

  constructor(private readonly show: (text: string) => void) {}

  add(text: string): void {
    this.text += text;
    if (this.isWaiting) return;
    this.flush();
    this.isWaiting = true;
    onNextFrame(() => {
      this.isWaiting = false;
      if (this.text !== '') this.add('');
    });
  }

  flush(): void {
    const text = this.text;
    this.text = '';
    if (text !== '') this.show(text);
  }
}

function onNextFrame(work: () => void): void {
  // A page in the background gets no frames.
  if (typeof requestAnimationFrame === 'undefined' || document.hidden) setTimeout(work, 50);
  else requestAnimationFrame(work);
}
