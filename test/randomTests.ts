import fc from 'fast-check';
import { seed } from './randomSeed.ts';

// One seed for all random tests of a run: what fails once fails again. SKEIN_SEED=random tries new ground.
fc.configureGlobal({ seed: seed() });
