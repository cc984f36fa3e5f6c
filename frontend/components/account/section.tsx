import { type ReactNode, useId } from 'react';

/** A part of the panel under its own heading. */
export function Section({ title, children }: { title: string; children: ReactNode }): ReactNode {
  const id = useId();
  return (
    <section aria-labelledby={id} className="space-y-3">
      <h3 id={id} className="text-sm font-semibold text-muted-foreground">
        {title}
      </h3>
      {children}
    </section>
  );
}
