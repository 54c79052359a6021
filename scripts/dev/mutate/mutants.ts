/** The mutants of a source file: one change each, as changes.ts makes them. */

import * as ts from "typescript/unstable/ast";
import { changesOf } from "./changes.ts";

export interface Mutant {
  file: string;
  line: number;
  /** The function or constant that it is in; empty at the top level. */
  place: string;
  /** The lines concerned, before and after, with single spaces. */
  before: string;
  after: string;
  /** What it is called in equivalent.txt: lines and their form change too often. */
  key: string;
  /** The whole file. */
  source: string;
}

/** All mutants of a file, in the order of its lines. */
export function mutantsOf(file: string, tree: ts.SourceFile): Mutant[] {
  const { text } = tree;
  const mutants = new Map<string, Mutant>();
  const visit = (node: ts.Node, place: string) => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
      return;
    if (ts.isImportDeclaration(node)) return;
    const inner = nameOf(node) ?? place;
    for (const [target, replacement] of changesOf(node)) {
      const [start, end] = [target.getStart(tree), target.getEnd()];
      const source = `${text.slice(0, start)}${replacement}${text.slice(end)}`;
      const line = text.slice(0, start).split("\n").length;
      const from = text.lastIndexOf("\n", start) + 1;
      const to = (text.indexOf("\n", end) + text.length + 1) % (text.length + 1); // -1 is the end
      const before = text.slice(from, to);
      const after = source.slice(from, to + source.length - text.length);
      const [was, is] = [before, after].map((lines) => lines.trim().replace(/\s+/g, " "));
      const [what, instead] = [target.getText(), replacement].map((code) =>
        code.replace(/\s+/g, " "),
      );
      const key = `${file}${inner && ` ${inner}`}: ${what} -> ${instead}`;
      const mutant = { file, line, place: inner, before: was as string, after: is as string, key };
      if (replacement === ";") mutant.after = `without ${target.getText().replace(/\s+/g, " ")}`;
      if (source !== text) mutants.set(source, { ...mutant, source });
    }
    node.forEachChild((child) => visit(child, inner));
  };
  visit(tree, "");
  return [...mutants.values()].toSorted((a, b) => a.line - b.line);
}

function nameOf(node: ts.Node): string | undefined {
  if (ts.isFunctionDeclaration(node)) return node.name?.getText();
  if (!ts.isVariableStatement(node) || node.parent.kind !== ts.SyntaxKind.SourceFile)
    return undefined;
  return node.declarationList.declarations[0]?.name.getText();
}
