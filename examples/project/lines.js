/** The lines of a text. */
export function splitLines(text) {
  const lines = [];
  let line = '';
  for (const character of text) {
    if (character === '\n') {
      lines.push(line);
      line = '';
    } else {
      line += character;
    }
  }
  return lines;
}
