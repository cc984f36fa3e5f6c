// Next.js without its report to its makers: node scripts/next.mjs build|dev
process.env.NEXT_TELEMETRY_DISABLED = '1';
await import('next/dist/bin/next');
