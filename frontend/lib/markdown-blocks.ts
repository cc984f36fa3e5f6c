/**
 * Cut Markdown at blank lines outside of code blocks, so that of a text that grows only the last
 * block is read again.
 */
export function splitBlocks(text: string): string[] {
  const blocks: string[] = [];
  let block: string[] = [];
  let fence = '';
  for (const line of text.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? '';
    if (fence === '') fence = mark;
    else if (mark.startsWith(fence)) fence = '';
    const isBreak = fence === '' && mark === '' && line.trim() === '';
    if (!isBreak) block.push(line);
    else if (block.length > 0) {
      blocks.push(block.join('\n'));
      block = [];
    }
  }
  return block.length > 0 ? [...blocks, block.join('\n')] : blocks;
}
