import type { ReactNode } from 'react';

import { NotFound } from '@/components/pages/not-found';

export default function Page(): ReactNode {
  return <NotFound />;
}
