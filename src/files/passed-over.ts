// What people and tools put next to the files of a folder.

/**
 * Nobody's work: a hidden name (`.gitkeep`; Kubernetes mounts a ConfigMap as links beside `..data`), or a note for readers
 * (`README.md`, `LICENSE`, any other `.md`), or `drift.ignore`, which only `schemagate drift` reads.
 */
export const isPassedOver = (name: string): boolean =>
  name === 'drift.ignore' ||
  name.startsWith('.') ||
  /\.md$/i.test(name) ||
  /^(?:readme|license)(?:\.txt)?$/i.test(name)
