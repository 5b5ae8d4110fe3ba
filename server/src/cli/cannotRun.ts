/** Why a command could not be run, in one line for stderr: exit code 2. */
export class CannotRun extends Error {}
