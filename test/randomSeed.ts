/** The seed of random tests: printed, so that a failure can be had again with SKEIN_SEED. */
export function seed(): number {
  const given = process.env.SKEIN_SEED;
  const value = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  console.log(`SKEIN_SEED=${value}`);
  return value;
}
