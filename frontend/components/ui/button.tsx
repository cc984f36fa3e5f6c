import type { ComponentProps, ReactNode } from 'react';

import { Icon, type IconName } from './icon';

const LOOKS = {
  primary: 'bg-primary text-primary-foreground hover:bg-primary/90',
  plain: 'border border-border bg-card text-card-foreground hover:bg-accent hover:text-accent-foreground',
  quiet: 'text-muted-foreground hover:bg-accent hover:text-accent-foreground',
  danger: 'bg-destructive text-background hover:bg-destructive/90',
} as const;

const BASE =
  'inline-flex cursor-pointer items-center justify-center gap-2 rounded-lg text-sm font-medium transition-colors ' +
  'focus-visible:outline-2 focus-visible:outline-offset-2 focus-visible:outline-ring ' +
  'aria-disabled:cursor-not-allowed aria-disabled:opacity-50';

interface ButtonProps extends ComponentProps<'button'> {
  look?: keyof typeof LOOKS;
}

/** While it is `disabled` it does nothing, but keeps the focus, which browsers take from what is really disabled. */
export function Button({ look = 'plain', className = '', disabled = false, onClick, ...rest }: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      aria-disabled={disabled || undefined}
      onClick={disabled ? (event) => event.preventDefault() : onClick}
      className={`${BASE} min-h-10 px-3.5 py-2 ${LOOKS[look]} ${className}`}
      {...rest}
    />
  );
}

interface IconButtonProps extends ButtonProps {
  icon: IconName;
  label: string;
  size?: 'small' | 'large';
}

/** A button that shows a drawing and tells its name. */
export function IconButton({
  icon,
  label,
  look = 'quiet',
  size = 'large',
  className = '',
  ...rest
}: IconButtonProps): ReactNode {
  const room = size === 'large' ? 'size-10' : 'size-8';
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`${BASE} shrink-0 ${room} ${LOOKS[look]} ${className}`}
      {...rest}
    >
      <Icon name={icon} className={size === 'large' ? 'size-5' : 'size-4'} />
    </button>
  );
}
