/** The query of a request, read with defaults. A value of the wrong form throws, so that a typing error shows. */
export interface Query {
  has(name: string): boolean;
  all(name: string): string[];
  text(name: string, otherwise: string): string;
  number(name: string, otherwise: number): number;
  oneOf<T extends string>(name: string, choices: readonly T[], otherwise: T): T;
}

export function readQuery(target: string): Query {
  const at = target.indexOf('?');
  const params = new URLSearchParams(at < 0 ? '' : target.slice(at + 1));
  return {
    has: (name) => params.has(name),
    all: (name) => params.getAll(name),
    text: (name, otherwise) => params.get(name) ?? otherwise,
    number(name, otherwise) {
      const given = params.get(name);
      const value = given === null ? otherwise : Number(given);
      if (Number.isNaN(value)) throw new TypeError(`?${name}=${given} is not a number`);
      return value;
    },
    oneOf(name, choices, otherwise) {
      const given = params.get(name) ?? otherwise;
      const found = choices.find((choice) => choice === given);
      if (found === undefined) throw new TypeError(`?${name}=${given} is none of ${choices.join(', ')}`);
      return found;
    },
  };
}

/** The path of a request target, whatever its form: `/a?b`, `http://host/a?b`, `*`. */
export function pathOf(target: string): string {
  const relative = target.replace(/^https?:\/\/[^/?]*/, '');
  const at = relative.indexOf('?');
  return at < 0 ? relative : relative.slice(0, at);
}

/** `?header=name:value`, repeated, as pairs. Characters outside ASCII travel as UTF-8 bytes. */
export function pairsOf(query: Query, name: string): [string, string][] {
  return query.all(name).map((line) => {
    const at = line.indexOf(':');
    return [line.slice(0, at), utf8Header(line.slice(at + 1).trim())];
  });
}

/** node writes header text as latin1: this makes the bytes on the wire those of UTF-8. */
export function utf8Header(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
