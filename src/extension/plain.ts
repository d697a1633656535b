import { oneLine } from '../core/text';

/**
 * Text that others wrote, made harmless for one kind of place in the editor. Each place runs something else when it reads
 * certain characters, so each has its own function, and text from agents MUST reach the editor through one of them.
 *
 * Every one of them also drops control and bidi characters, keeps to one line (except the chat) and cuts what is too long.
 */
export const plain = {
  /**
   * For notifications, dialogs and progress: there `[text](command:…)` is a link that runs a command. Without square
   * brackets there is no link, and none of ours can swallow the agent's words.
   */
  toast(text: string, limit = 160): string {
    return cut(oneLine(text).replace(/\[/g, '(').replace(/\]/g, ')'), limit);
  },

  /** For labels and descriptions of trees, quick picks and the status bar: there `$(name)` is an icon. */
  label(text: string, limit = 120): string {
    return cut(oneLine(text).replace(/\$\(/g, '$ ('), limit);
  },

  /** For tooltips, which are Markdown: every character that could mean something there is escaped. */
  tooltip(text: string, limit = 400): string {
    return cut(oneLine(text), limit)
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/[\\`*_{}[\]()#+\-.!|~$:/@^=]/g, '\\$&');
  },

  /**
   * For a question put to the chat: there a word that starts with `#`, `@` or (in the beginning) `/` attaches, addresses or
   * runs something. A space after that character takes the meaning away and leaves the words readable.
   */
  chat(text: string, limit = 24 * 1024): string {
    const lines = text.split(/\r?\n/).map((line) => oneLine(line));
    const clean = lines.join('\n').replace(/(^|\s)([#@])(?=\S)/g, '$1$2 ');
    return cut(clean.replace(/^(\s*)\/(?=\S)/, '$1/ '), limit);
  },
};

/** At most `limit` characters, without half a surrogate pair at the end. */
function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(limit - 2)) ? limit - 2 : limit - 1;
  return `${text.slice(0, end)}…`;
}
