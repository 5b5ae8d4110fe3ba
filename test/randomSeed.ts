/** The seed of random tests, printed: SKEIN_SEED gives another, "random" one that nobody has tried. */
export function seed(): number {
  const given = process.env.SKEIN_SEED ?? '20261121';
  const value = given === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  console.log(`SKEIN_SEED=${value}`);
  return value;
}
