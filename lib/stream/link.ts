import { RedirectError } from '../core/answer-errors.js';
import type { ResponseInfo } from '../http/answer-types.js';
import { resolveTarget } from '../http/url.js';
import type { Target } from '../transport/contract.js';

/** A link's target, behind what may be left of a link that could not be read. */
const TARGET = /[^<]*<([^>]*)>/y;
/** A parameter: a name, then a quoted string or a word. A string without its end goes on to the end of the field. */
const PARAMETER = /[ \t]*;[ \t]*(?:([^\s=;,"<>]+)[ \t]*(?:=[ \t]*(?:"((?:[^"\\]|\\.)*)(?:"|\\?$)|([^\s;,"]*)))?)?/sy;

interface Link {
  readonly target: string;
  /** Names in lower case; of each, the first counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Reads a `Link` field: links divided by commas, which may also stand in targets and in quoted strings. */
function* linksOf(field: string): Generator<Link> {
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(field);
    if (found) at = pattern.lastIndex;
    return found;
  };
  for (let found = match(TARGET); found; found = match(TARGET)) {
    const parameters = new Map<string, string>();
    for (let parameter = match(PARAMETER); parameter; parameter = match(PARAMETER)) {
      const [, name, quoted, word] = parameter;
      const key = name?.toLowerCase();
      if (key && !parameters.has(key)) parameters.set(key, quoted?.replace(/\\(.)/gs, '$1') ?? word ?? '');
    }
    yield { target: found[1]!.trim(), parameters };
    at = field.indexOf(',', at) + 1 || field.length + 1;
  }
}

/**
 * The absolute URL of the page that an answer's `Link` field names as the next one.
 *
 * Links that speak of something else than the answer itself (`anchor`) are left out. Braces are encoded, so that the
 * URL is no template to a call.
 *
 * @returns `undefined` when there is none
 * @throws RedirectError when it leads to another origin: what the caller sends is meant for this one
 * @see RFC 8288, "Web Linking", section 3 and appendix B
 */
export function nextLink({ headers, url }: ResponseInfo): string | undefined {
  const own = resolveTarget('', url, 'the page');
  const isOwn = ({ origin, path }: Target): boolean => origin === own.origin && path === own.path;
  for (const { target, parameters } of linksOf(headers.get('link') ?? '')) {
    const isNext = parameters.get('rel')?.toLowerCase().split(/\s+/).includes('next');
    const anchor = parameters.get('anchor');
    if (!isNext || (anchor !== undefined && !isOwn(resolveTarget(anchor, url, 'the context of a link')))) continue;
    const { origin, path } = resolveTarget(target, url, 'the next page');
    if (origin !== own.origin) throw new RedirectError(`the next page lies at ${origin}: read its link with \`next\``);
    return origin + path.replace(/[{}]/g, encodeURIComponent);
  }
  return undefined;
}
