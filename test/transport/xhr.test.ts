import { afterEach, expect, it, vi } from 'vitest';

import { fetchByXhr } from '../../lib/transport/xhr-fetch.js';
import { requestFor } from '../support/contract/bench.js';
import { Recorder } from '../support/contract/recorder.js';

afterEach(() => vi.unstubAllGlobals());

it('sends nothing where the call was aborted before XMLHttpRequest was loaded', async () => {
  const made = vi.fn<() => void>();
  vi.stubGlobal('XMLHttpRequest', made);
  const reason = new Error('enough');
  const fetch = fetchByXhr(requestFor('http://api.test/'), new Recorder(() => {}));
  const init = { method: 'POST', headers: [], signal: AbortSignal.abort(reason) };

  await expect(fetch('http://api.test/', init)).rejects.toBe(reason);
  expect(made).not.toHaveBeenCalled();
});
