import type { ReactNode } from 'react';

import { Chatbot } from '@/components/chatbot';

export default function Page(): ReactNode {
  return (
    <div className="h-dvh print:h-auto">
      <Chatbot />
    </div>
  );
}
