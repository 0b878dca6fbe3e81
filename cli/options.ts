import { z } from 'zod';

/** An option that takes a value. `must` ends the sentence `--limit is "x": give …`. */
export type ValueOption<Value> = {
  kind: 'value';
  placeholder: string;
  schema: z.ZodType<Value>;
  must: string;
  says: string;
};
/** An option that takes a value and may be given several times. */
export type ListOption = { kind: 'list'; placeholder: string; says: string };
/** An option without a value. */
export type Flag = { kind: 'flag'; says: string };

// biome-ignore lint/suspicious/noExplicitAny: the value of any option, which `Values` names exactly
export type Option = ValueOption<any> | ListOption | Flag;
export type Options = Readonly<Record<string, Option>>;

/** What a command is given of its options. */
export type Values<Of extends Options> = {
  [Name in keyof Of]: Of[Name] extends ValueOption<infer Value>
    ? Value
    : Of[Name] extends ListOption
      ? string[]
      : boolean;
};

export const flag = (says: string): Flag => ({ kind: 'flag', says });

export const list = (placeholder: string, says: string): ListOption => ({ kind: 'list', placeholder, says });

export const text = (placeholder: string, says: string): ValueOption<string | undefined> => ({
  kind: 'value',
  placeholder,
  schema: z.string().min(1).optional(),
  must: 'a value',
  says,
});

/** A place to write to, without which the command can't be. */
export const out = (placeholder: 'FILE' | 'DIR', says: string): ValueOption<string> => ({
  kind: 'value',
  placeholder,
  schema: z.string().min(1),
  must: placeholder === 'FILE' ? 'a file that is not there yet' : 'a folder that is empty or not there yet',
  says,
});

/** How many rows at most. */
export const limit = (usual: number, most: number): ValueOption<number> => ({
  kind: 'value',
  placeholder: 'N',
  schema: z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(1).max(most)).default(usual),
  must: `a number from 1 to ${most}`,
  says: `at most so many, 1 to ${most}; ${usual} where it is not given`,
});

export const oneOf = <const Choice extends string>(
  placeholder: string,
  choices: readonly Choice[],
  says: string,
): ValueOption<Choice | undefined> => ({
  kind: 'value',
  placeholder,
  schema: z.enum(choices).optional(),
  must: `one of ${choices.join(', ')}`,
  says,
});

/** A date (its midnight) or an instant with its offset from UTC, as an instant in the form that events have. */
export const time = (says: string): ValueOption<string | undefined> => ({
  kind: 'value',
  placeholder: 'TIME',
  schema: z
    .union([z.iso.date(), z.iso.datetime({ offset: true })])
    .transform((given) => new Date(given).toISOString())
    .optional(),
  must: 'a time in UTC such as 2026-11-24 or 2026-11-24T06:00:00Z',
  says,
});
