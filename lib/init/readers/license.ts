import type { Reader } from "../found";

/** First words of the texts of licenses, by SPDX identifier (spdx.org/licenses). */
const texts: readonly (readonly [identifier: string, words: RegExp])[] = [
  ["Apache-2.0", /Apache License\s+Version 2\.0/],
  ["MIT", /^\W*(?:The )?MIT License|Permission is hereby granted, free of charge/],
  ["MPL-2.0", /Mozilla Public License,? [vV]ersion 2\.0/],
  ["BSD-3-Clause", /Redistribution and use in source and binary forms[^]*Neither the name/],
  ["BSD-2-Clause", /Redistribution and use in source and binary forms/],
  ["ISC", /Permission to use, copy, modify, and\/or distribute/],
];

/** Reads the license at the top of a project. */
export const licenseReader: Reader = {
  name: "license",
  takes: (path) => /^LICENSE(\.md|\.txt)?$/.test(path),
  read({ path, text }) {
    const found = texts.find(([, words]) => words.test(text.slice(0, 4000)))?.[0];
    if (found !== undefined)
      return { facts: [{ about: "licenses", value: found, from: { file: path, line: 1 } }] };
    const reason = "is none that is known here: give licenses as an SPDX expression";
    return { left: [{ file: path, what: "license", reason }] };
  },
};
