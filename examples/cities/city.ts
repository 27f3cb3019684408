import { z } from 'zod';

/** A city as the API sends it. millrace takes any Standard Schema: zod's here. */
export const City = z.strictObject({
  cityId: z.int(),
  name: z.string(),
  altName: z.string(),
  country: z.string(),
  featureCode: z.string(),
  adminCode: z.string(),
  population: z.int(),
  loc: z.object({ type: z.literal('Point'), coordinates: z.tuple([z.number(), z.number()]) }),
  muni: z.string().optional(),
  muniSub: z.string().optional(),
});
export type City = z.infer<typeof City>;
