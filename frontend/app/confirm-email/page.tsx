import type { Metadata } from 'next';
import type { ReactNode } from 'react';

import { ConfirmEmail } from '@/components/pages/confirm-email';

// The address holds a token that is good once.
export const metadata: Metadata = { referrer: 'no-referrer', robots: { index: false } };

export default function Page(): ReactNode {
  return <ConfirmEmail />;
}
