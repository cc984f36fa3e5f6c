import type { ChatItem } from './item';

/** So near to an end of the list counts as being there, in pixels. */
const NEAR = 64;

/**
 * Keeps the end of a list in view while the reader is there, and what he reads in its place when
 * earlier messages come in above it.
 */
export class ScrollKeeper {
  private box: HTMLElement | null = null;
  private follows = true;
  private top = 0;
  private height = 0;
  private first = '';
  private count = 0;

  constructor(
    private readonly onFollow: (isAtEnd: boolean) => void,
    private readonly onTop: () => void,
  ) {}

  /** Look after a list until what is returned is called. */
  attach(box: HTMLElement | null): (() => void) | undefined {
    this.box = box;
    if (box === null) return undefined;
    // Boxes that open, late line breaks and keyboards change heights without a new message.
    const observer = new ResizeObserver(() => {
      if (this.follows && this.count > 0) this.scrollTo(box.scrollHeight);
      this.height = box.scrollHeight;
    });
    observer.observe(box);
    if (box.firstElementChild) observer.observe(box.firstElementChild);
    return () => {
      observer.disconnect();
      this.box = null;
    };
  }

  readonly toEnd = (): void => {
    this.follow(true);
    this.scrollTo(this.box?.scrollHeight ?? 0);
  };

  readonly onScroll = (): void => {
    if (this.box === null) return;
    const { scrollTop, scrollHeight, clientHeight } = this.box;
    // What grows below moves the end away: only going up leaves it.
    if (scrollHeight - scrollTop - clientHeight < NEAR) this.follow(true);
    else if (scrollTop < this.top) this.follow(false);
    this.top = scrollTop;
    if (scrollTop < NEAR && !this.follows) this.onTop();
  };

  /** Called when new items were drawn, before they are seen. */
  show(items: ChatItem[]): void {
    if (this.box === null) return;
    const hasGrownAbove = items.findIndex((item) => item.key === this.first) > 0;
    const isAsked = items.length > this.count && items.at(-1)?.status === 'writing';
    if (isAsked) this.follow(true);
    if (hasGrownAbove) this.scrollTo(this.box.scrollTop + this.box.scrollHeight - this.height);
    else if (items.length === 0) this.toStart();
    else if (this.follows) this.scrollTo(this.box.scrollHeight);
    this.first = items[0]?.key ?? '';
    this.count = items.length;
    this.height = this.box.scrollHeight;
  }

  /** A greeting is read from its beginning. */
  private toStart(): void {
    this.follow(true);
    this.scrollTo(0);
  }

  private follow(isAtEnd: boolean): void {
    if (this.follows === isAtEnd) return;
    this.follows = isAtEnd;
    this.onFollow(isAtEnd);
  }

  private scrollTo(top: number): void {
    if (this.box === null) return;
    this.box.scrollTop = top;
    this.top = this.box.scrollTop;
  }
}
