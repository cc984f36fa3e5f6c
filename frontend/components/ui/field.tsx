import { type ComponentProps, type ReactNode, useId } from 'react';

/** How boxes to write in look. */
export const FIELD =
  'min-h-10 rounded-lg border border-input bg-background px-3 py-2 text-foreground ' +
  'focus-visible:outline-2 focus-visible:outline-offset-1 focus-visible:outline-ring';

interface FieldProps extends ComponentProps<'input'> {
  label: string;
  hint?: string;
}

/** A labelled line to write in. */
export function Field({ label, hint, className = '', ...rest }: FieldProps): ReactNode {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      <input id={id} aria-describedby={hint ? `${id}-hint` : undefined} className={`${FIELD} w-full ${className}`} {...rest} />
      {hint ? (
        <p id={`${id}-hint`} className="mt-1 text-xs text-muted-foreground">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

/** What came of a form: a failure, or that it is done. */
export function Outcome({ error, done }: { error: string | null; done?: string | null | false }): ReactNode {
  if (error) {
    return (
      <p role="alert" data-testid="form-error" className="text-sm text-destructive wrap-anywhere">
        {error}
      </p>
    );
  }
  return done ? (
    <p role="status" data-testid="form-done" className="text-sm text-muted-foreground">
      {done}
    </p>
  ) : null;
}
