/** Short human names for agents that bring none. */
export const givenNames: readonly string[] = `
  Ada Alba Amos Anouk Arlo Asta Basil Bea Bruno Cleo Cora Cyrus Dara Dora Edda Eli Emil Enzo Esme Ezra Faye Finn
  Flora Gwen Hana Hugo Ida Ilya Ines Iris Jonas Jude Juno Kai Kira Lars Leda Lena Levi Lior Luca Mabel Maya Milo
  Mina Nell Nico Nils Noor Odin Olga Omar Oona Orla Otis Otto Pavel Petra Pia Quinn Rafa Remy Rhea Rosa Ruth Sami
  Selma Silas Sven Tara Theo Tilda Toma Uma Vera Vito Wanda Wes Yara Yves Zeno Zora
`
  .trim()
  .split(/\s+/);

/**
 * A name that nobody has: the first free one from `start` on, then the same with a number.
 * `start` is any number; `taken` is asked with names in lower case.
 */
export function freeName(start: number, taken: (lower: string) => boolean): string {
  const first = Number.isFinite(start) ? Math.abs(Math.trunc(start)) : 0;
  for (let round = 1; ; round++) {
    for (let index = 0; index < givenNames.length; index++) {
      const base = givenNames[(first + index) % givenNames.length] ?? 'Ada';
      const name = round === 1 ? base : `${base}${round}`;
      if (!taken(name.toLowerCase())) return name;
    }
  }
}
