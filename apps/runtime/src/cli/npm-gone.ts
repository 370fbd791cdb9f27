/**
 * npm hands a SIGTERM to the shell between it and us; the shell dies of it and tells nobody. So whom npm has started
 * looks now and then whether its parent is still there. Never resolves where it was not npm.
 */
const LOOK_MS = 500;

/** `parent`: process.ppid of the beginning, before anybody could be told to end us. */
export const npmGone = (parent: number): Promise<'SIGTERM'> => new Promise((gone) => {
  if (process.env.npm_lifecycle_event === undefined) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    gone('SIGTERM');
  }, LOOK_MS).unref();
});
