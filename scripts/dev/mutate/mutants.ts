/** The mutants of a source file: one change each, as changes.ts makes them. */

import * as ts from "typescript/unstable/ast";
import { changesOf } from "./changes.ts";

export interface Mutant {
  file: string;
  line: number;
  /** The file, its function or constant, and what becomes of what, as equivalent.txt has it. */
  key: string;
  /** The whole file. */
  source: string;
}

/** All mutants of a file, in the order of its lines. */
export function mutantsOf(file: string, tree: ts.SourceFile): Mutant[] {
  const { text } = tree;
  const mutants = new Map<string, Mutant>();
  const visit = (node: ts.Node, place: string) => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isTypeAliasDeclaration(node) || ts.isImportDeclaration(node)) return;
    const inner = nameOf(node) ?? place;
    for (const [target, replacement] of changesOf(node)) {
      const [start, end] = [target.getStart(tree), target.getEnd()];
      const source = `${text.slice(0, start)}${replacement}${text.slice(end)}`;
      const line = text.slice(0, start).split("\n").length;
      const change = `${target.getText()} -> ${replacement}`.replace(/\s+/g, " ");
      const key = `${file}${inner && ` ${inner}`}: ${change}`;
      if (source !== text) mutants.set(source, { file, line, key, source });
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
