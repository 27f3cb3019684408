/** One upload resource of a server. */
export interface StoredPart {
  readonly url: string;
  /** When the server drops it. Unit: milliseconds since 1970. */
  readonly expiresMs?: number;
}

/** What is remembered of an upload that is not complete: plain data, fit for JSON. */
export interface StoredUpload {
  /** Bytes in all; left out where that was not known. */
  readonly size?: number;
  /** One, or one for each parallel part; `null` for one that is not created yet. */
  readonly parts: readonly (StoredPart | null)[];
}

/** Where uploads are remembered, so that another process or page can go on with them: a file, `localStorage`, a database. */
export interface UploadStore {
  get(fingerprint: string): StoredUpload | undefined | null | PromiseLike<StoredUpload | undefined | null>;
  set(fingerprint: string, upload: StoredUpload): void | PromiseLike<void>;
  remove(fingerprint: string): void | PromiseLike<void>;
}

/**
 * Remembers uploads as long as the program runs.
 *
 * @example
 * ```ts
 * import { memoryUploadStore } from 'millrace';
 *
 * const store = memoryUploadStore();
 * store.set('film.mp4', { parts: [{ url: 'https://api.example.com/files/1' }] });
 * await store.get('film.mp4'); // => { parts: [{ url: 'https://api.example.com/files/1' }] }
 * ```
 */
export function memoryUploadStore(): UploadStore {
  const uploads = new Map<string, StoredUpload>();
  return {
    get: (fingerprint) => uploads.get(fingerprint),
    set: (fingerprint, upload) => void uploads.set(fingerprint, upload),
    remove: (fingerprint) => void uploads.delete(fingerprint),
  };
}
