// Drives the AI SDK's own chat, unmodified, against a running service and prints what came of it.
// usage: node chat.mjs ai6|ai7 URL SCENARIO

const [sdk, url, scenario] = process.argv.slice(2);
const { AbstractChat, DefaultChatTransport } = await import(sdk);

const CHAT_ID = `chat-${scenario}-${sdk}-of-16-characters`;
const api = `${url}/api/v1/chat/stream`;

// What @ai-sdk/react's state is without React.
class State {
  status = 'ready';
  error = undefined;
  messages = [];
  pushMessage = (message) => {
    this.messages = [...this.messages, message];
  };
  popMessage = () => {
    this.messages = this.messages.slice(0, -1);
  };
  replaceMessage = (index, message) => {
    this.messages = this.messages.with(index, structuredClone(message));
  };
  snapshot = (value) => structuredClone(value);
}

class Chat extends AbstractChat {
  constructor(messages = []) {
    const state = new State();
    state.messages = messages;
    super({ id: CHAT_ID, state, transport: new DefaultChatTransport({ api }) });
  }
}

const textOf = (message) =>
  message.parts.filter((part) => part.type === 'text').map((part) => part.text).join('');

const show = (chat) => ({
  status: chat.status,
  error: chat.error?.message,
  messages: chat.messages.map((message) => ({
    id: message.id,
    role: message.role,
    text: textOf(message),
    kinds: [...new Set(message.parts.map((part) => part.type))],
    metadata: message.metadata,
  })),
});

const until = async (chat, condition) => {
  const giveUp = Date.now() + 15000;
  while (!condition(chat)) {
    if (Date.now() > giveUp) throw new Error(`waited in vain: ${JSON.stringify(show(chat))}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

const hasText = (chat) => chat.lastMessage?.role === 'assistant' && textOf(chat.lastMessage) !== '';
const ask = { text: 'How much is the tuition?' };

const scenarios = {
  async answer(chat) {
    await chat.sendMessage(ask);
    await chat.sendMessage({ text: 'And for masters?' });
    return show(chat);
  },
  async regenerate(chat) {
    await chat.sendMessage(ask);
    const first = show(chat);
    await chat.regenerate();
    return { first, ...show(chat) };
  },
  async edit(chat) {
    await chat.sendMessage(ask);
    await chat.sendMessage({ text: 'In other words', messageId: chat.messages[0].id });
    return show(chat);
  },
  async error(chat) {
    await chat.sendMessage(ask);
    return show(chat);
  },
  async refusal(chat) {
    await chat.sendMessage({ text: ' ' });
    return show(chat);
  },
  async stop(chat) {
    const sending = chat.sendMessage(ask);
    await until(chat, hasText);
    const session = chat.lastMessage.metadata.session_id;
    const stopped = await fetch(`${url}/api/v1/chat/${session}/stop`, { method: 'POST' });
    await sending;
    return { stopped: await stopped.json(), ...show(chat) };
  },
  async rejoin(chat) {
    const sending = chat.sendMessage(ask);
    await until(chat, hasText);
    await chat.stop(); // only the connection: as a reload does
    await sending;
    const reloaded = new Chat(chat.messages.slice(0, 1));
    await reloaded.resumeStream();
    return show(reloaded);
  },
  async nothing(chat) {
    await chat.resumeStream();
    return show(chat);
  },
};

console.log(JSON.stringify(await scenarios[scenario](new Chat())));
