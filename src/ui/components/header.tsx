import type { JSX } from 'preact';
import { oneLine } from '../../core/text';
import type { OpenThread } from '../page';
import { running } from '../times';
import { words } from '../words';
import { useGround, useNow } from './context';

/** Participants named in the header at most; the rest are counted, and named in the tooltip. */
const named = 6;

export function Header({ view, gone }: { readonly view: OpenThread; readonly gone: boolean }): JSX.Element {
  const { panel } = useGround();
  const { thread, you } = view;
  const topic = oneLine(thread.topic);
  const isIn = thread.participants.some(({ agent, left }) => agent === you.id && !left);
  return (
    <header>
      <div class="title">
        <h1 title={topic}>
          <bdi>{topic}</bdi>
        </h1>
        <Chip view={view} />
      </div>
      <div class="who">
        <Participants view={view} />
        {thread.state !== 'closed' && (
          <span class="actions" role="group" aria-label={words.actions}>
            {isIn && (
              <button
                type="button"
                class="text-button"
                title={words.leaveTitle}
                disabled={gone}
                onClick={() => panel.leave()}
              >
                {words.leave}
              </button>
            )}
            <button
              type="button"
              class="text-button"
              title={words.endTitle}
              disabled={gone}
              onClick={() => panel.end()}
            >
              {words.end}
            </button>
          </span>
        )}
      </div>
    </header>
  );
}

/** The thread's state; a live one with how long it has run. */
function Chip({ view: { thread } }: { readonly view: OpenThread }): JSX.Element {
  const runs = thread.state === 'open' && thread.mode === 'live';
  const now = useNow(runs);
  if (thread.state === 'closed') {
    const lasted = words.lasted(running((thread.closedAt ?? thread.lastAt) - thread.openedAt));
    return (
      <span class="chip archived">{thread.mode === 'live' ? `${words.archived} · ${lasted}` : words.archived}</span>
    );
  }
  if (thread.state === 'paused') return <span class="chip paused">{words.paused}</span>;
  if (thread.mode === 'async') return <span class="chip">{words.async}</span>;
  return <span class="chip live">{`${words.live} · ${running(now - thread.openedAt)}`}</span>;
}

function Participants({ view: { thread, you } }: { readonly view: OpenThread }): JSX.Element {
  const shown = thread.participants.slice(0, named);
  const rest = thread.participants.slice(named);
  return (
    <ul class="participants" aria-label={words.participants}>
      {shown.map(({ agent, name, platform, left }) => (
        <li key={agent} class={left ? 'gone' : undefined}>
          <bdi class="name">{agent === you.id ? words.you : name}</bdi>
          {platform !== '' && <bdi>{oneLine(platform)}</bdi>}
          {left && <span>({words.left})</span>}
        </li>
      ))}
      {rest.length > 0 && <li title={rest.map(({ name }) => name).join(', ')}>+{rest.length}</li>}
    </ul>
  );
}
