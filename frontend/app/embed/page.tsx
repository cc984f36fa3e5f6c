import type { ReactNode } from 'react';

import { EmbeddedChat } from '@/components/pages/embedded-chat';

export default function Page(): ReactNode {
  return <EmbeddedChat />;
}
