/** One line, safe for a log: control characters could fake lines of it or steer a terminal. */
export function oneLine(text: string, most = Infinity): string {
  const line = text.slice(0, most).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  return text.length > most ? `${line}…` : line;
}
