/** Settings of the way to the city. */
import { z } from 'zod';

export const uplinkSection = z.strictObject({});
