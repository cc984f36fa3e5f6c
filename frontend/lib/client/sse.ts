/** Takes server-sent events apart, wherever the chunks are cut; gives the data of each event. */
export class SseParser {
  private rest = '';
  private data: string[] = [];
  private endedWithCr = false;

  push(chunk: string): string[] {
    // A CRLF may come in two chunks: its line has ended with the CR already.
    const text = this.endedWithCr && chunk.startsWith('\n') ? chunk.slice(1) : chunk;
    if (chunk !== '') this.endedWithCr = text.endsWith('\r');
    const lines = (this.rest + text).split(/\r\n|\r|\n/);
    this.rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.take(line));
  }

  private take(line: string): string[] {
    if (line === '') {
      const event = this.data;
      this.data = [];
      return event.length > 0 ? [event.join('\n')] : [];
    }
    if (line === 'data') this.data.push('');
    else if (line.startsWith('data:')) this.data.push(line.slice(line[5] === ' ' ? 6 : 5));
    return []; // comments, and fields that nobody here reads
  }
}

/** The data of the events of a body; ends with it, and leaves it when the reader stops reading. */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  { silence = 40_000 }: { silence?: number } = {},
): AsyncGenerator<string> {
  const parser = new SseParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), silence);
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

/** The service sends a sign of life every 15 seconds; longer silence is a connection that died. */
async function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TypeError('nothing came for too long')), milliseconds);
  });
  try {
    return await Promise.race([work, silence]);
  } finally {
    clearTimeout(timer);
  }
}
