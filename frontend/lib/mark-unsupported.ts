/** The parts of a tree of HTML that are read here (hast). */
interface Node {
  type: string;
  tagName?: string;
  value?: string;
  properties?: Record<string, string>;
  children?: Node[];
}

/** A rehype plugin that puts the figures nothing speaks for into `<mark>`. */
export function markUnsupported(figures: readonly string[]): () => (tree: Node) => void {
  const wanted = [...new Set(figures)].filter((figure) => figure.trim() !== '');
  wanted.sort((a, b) => b.length - a.length);
  const pattern = wanted.map((figure) => figure.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  return () => (tree) => {
    if (pattern !== '') markIn(tree, new RegExp(`(${pattern})`, 'u'));
  };
}

function markIn(node: Node, pattern: RegExp): void {
  node.children = node.children?.flatMap((child) => {
    if (child.type !== 'text' || child.value === undefined) {
      markIn(child, pattern);
      return [child];
    }
    // Split by a group, every second piece is a match.
    return child.value.split(pattern).flatMap((value, index): Node[] => {
      const text: Node = { type: 'text', value };
      if (index % 2 === 1) return [{ type: 'element', tagName: 'mark', properties: {}, children: [text] }];
      return value === '' ? [] : [text];
    });
  });
}
