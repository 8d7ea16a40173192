const entities: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
};

/** A text as it stands in XML, in an element or in an attribute (XML 1.0, 2.4). */
export function xmlText(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&${entities[sign]};`);
}

/** A text of XML as it was meant; entities that are not predefined stay as they are (XML 1.0, 4.6). */
export function plainText(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (whole, name: string) => {
    return Object.keys(entities).find((sign) => entities[sign] === name) ?? whole;
  });
}
