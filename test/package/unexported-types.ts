import * as ts from "typescript";

/**
 * Returns what exports name in their signatures and programs cannot: types of the package that no
 * entry exports, each with the export that names it. What a file keeps to itself and generic
 * aliases are shorthands: what counts is what they stand for.
 *
 * @param entries declaration files, as they are installed
 * @param inPackage whether a declaration file is of the package
 */
export function unexportedTypes(entries: readonly string[], inPackage: (file: string) => boolean): string[] {
  const program = ts.createProgram([...entries], {
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    noEmit: true,
  });
  const checker = program.getTypeChecker();
  const resolved = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const exported = entries.flatMap((entry) => {
    const source = program.getSourceFile(entry);
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${entry} is no module`);
    return checker.getExportsOfModule(module);
  });
  const known = new Set(exported.map(resolved));
  const found = new Set<string>();
  for (const symbol of exported) {
    const seen = new Set<ts.Node>();
    const visit = (node: ts.Node): void => {
      if (isPrivate(node) || isPromise(node) || seen.has(node)) return;
      seen.add(node);
      const name = namedType(node);
      const named = name && checker.getSymbolAtLocation(name);
      const target = named && resolved(named);
      const declarations = target && !known.has(target) ? target.declarations : [];
      for (const declaration of declarations ?? []) {
        if (!inPackage(declaration.getSourceFile().fileName) || ts.isTypeParameterDeclaration(declaration))
          continue;
        const shorthand = isShorthand(declaration) && declaration;
        // What its parameters have to be is no business of those who use it.
        if (shorthand) visit(ts.isTypeAliasDeclaration(shorthand) ? shorthand.type : shorthand);
        else found.add(`${target?.name}, which ${symbol.name} names`);
      }
      ts.forEachChild(node, visit);
    };
    for (const declaration of resolved(symbol).declarations ?? []) visit(declaration);
  }
  return [...found].sort();
}

function isShorthand(declaration: ts.Declaration): boolean {
  if (ts.isTypeAliasDeclaration(declaration) && declaration.typeParameters) return true;
  return !(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export);
}

/** The name in a type that refers to another, by itself or with `import()`. */
function namedType(node: ts.Node): ts.Node | undefined {
  if (ts.isTypeReferenceNode(node)) return node.typeName;
  if (ts.isExpressionWithTypeArguments(node)) return node.expression;
  return ts.isImportTypeNode(node) && !node.isTypeOf ? node.qualifier : undefined;
}

/** What a class implements is in its members. */
function isPromise(node: ts.Node): boolean {
  return ts.isHeritageClause(node) && node.token === ts.SyntaxKind.ImplementsKeyword;
}

function isPrivate(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)
  );
}

/**
 * Returns the types of fields of an exported type, as an editor shows them.
 *
 * @param entry declaration file, as it is installed
 */
export function shownFields(entry: string, type: string, fields: readonly string[]): Record<string, string> {
  const program = ts.createProgram([entry], {
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    exactOptionalPropertyTypes: true,
    strict: true,
    noEmit: true,
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  const symbol = module && checker.getExportsOfModule(module).find(({ name }) => name === type);
  if (!symbol) throw new Error(`${entry} exports no ${type}`);
  const declared = checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(symbol));
  return Object.fromEntries(
    fields.map((field) => {
      const property = checker.getPropertyOfType(declared, field);
      if (!property) throw new Error(`${type} has no ${field}`);
      const shown = checker.getTypeOfSymbol(property);
      const text = checker.typeToString(shown, undefined, ts.TypeFormatFlags.NoTruncation);
      // The file that a name is from is shown with it where it is not in reach.
      return [field, text.replaceAll(/import\("[^"]*"\)\./g, "")];
    }),
  );
}
