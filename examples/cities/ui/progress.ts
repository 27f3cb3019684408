/** A bar that moves while the work is done. */
export interface Bar {
  /** @param done - so much of the total; @param note - what else is worth telling now */
  to(done: number, note?: string): void;
}

const WIDTH = 24;

/** Where the program writes: a terminal that can be redrawn, or a plain log of a few lines. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** Draws a bar: redrawn in place on a terminal, a line at each third elsewhere. */
export function progressBar(screen: Screen, title: string, total: number): Bar {
  let drawn = -1;
  const steps = screen.isTTY ? 100 : 3;
  return {
    to(done, note = '') {
      const step = Math.min(steps, Math.floor((done / total) * steps));
      if (step === drawn || (step === 0 && !screen.isTTY)) return;
      drawn = step;
      screen.write(screen.isTTY ? redraw(title, done / total, note) : line(title, done / total, note));
    },
  };
}

/** The caret goes to the start of the line, and what stood there is erased; the end of the work ends the line. */
const redraw = (title: string, share: number, note: string): string =>
  `\r\u001B[2K${line(title, share, note).trimEnd()}${share < 1 ? '' : '\n'}`;

function line(title: string, share: number, note: string): string {
  const filled = Math.round(Math.min(1, share) * WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
  return `${title.padEnd(44)} ${bar} ${`${Math.floor(share * 100)}`.padStart(3)} %  ${note}`.trimEnd() + '\n';
}
