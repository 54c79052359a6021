/**
 * What mutants change, where TypeScript's parser says that there is an operator, a constant, a
 * condition, a statement or a result. Not changed: types, imports, texts, regular expressions; nor
 * what only loops for ever (a loop's condition made true, its step backwards), or begins in front of an
 * array, where nothing is.
 */

import * as ts from "typescript/unstable/ast";

/** What a node becomes. */
export type Change = [node: ts.Node, replacement: string];

const pairs = [
  ...["+ -", "* /", "& |", "<< >>", "=== !==", "&& ||", "+= -=", "|= &=", "<<= >>="],
  ...["every some", "min max", "floor ceil", "padStart padEnd"],
].map((pair) => pair.split(" ") as [string, string]);
/** What is put for an operator, or for a method's name. */
const others = new Map<string, string[]>([
  ...pairs.flatMap(([a, b]): [string, string[]][] => [
    [a, [b]],
    [b, [a]],
  ]),
  ...Object.entries({ "%": ["*"], "^": ["|"], ">>>": ["<<"], "^=": ["|="] }),
  ...Object.entries({ "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"] }),
]);
const omitted = /^(filter|toSorted|toReversed|trim|trimEnd)$/;
const nothing = "(undefined as never)";

/** All changes to a node itself, not to what is in it. */
export function changesOf(node: ts.Node): Change[] {
  if (ts.isBinaryExpression(node)) return changesOfOperator(node);
  const digits = node.getText().replace(/_|n$/g, "");
  if (ts.isNumericLiteral(node)) {
    const steps = digits === "0" && startsLoop(node) ? [1] : [1, -1];
    return steps.map((step) => [node, `${Number(digits) + step}`]);
  }
  if (ts.isBigIntLiteral(node)) return [1n, -1n].map((step) => [node, `${BigInt(digits) + step}n`]);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [[node, "false"]];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [[node, "true"]];
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node))
    return changesOfUnary(node);
  // Not the negation as well: what tells neither from `true` nor from `false` cannot tell that.
  if (ts.isIfStatement(node)) return bothWays(node.expression);
  if (ts.isConditionalExpression(node)) return bothWays(node.condition);
  if (ts.isWhileStatement(node)) return [[node.expression, "false"]];
  if (ts.isForStatement(node)) return node.condition ? [[node.condition, "false"]] : [];
  if (ts.isReturnStatement(node))
    return node.expression ? resultOf(node.expression) : [[node, ";"]];
  if (ts.isArrowFunction(node)) return ts.isBlock(node.body) ? [] : resultOf(node.body);
  if (ts.isThrowStatement(node) || ts.isExpressionStatement(node)) return removalOf(node);
  if (ts.isBreakStatement(node) || ts.isContinueStatement(node)) return removalOf(node);
  return ts.isCallExpression(node) ? changesOfCall(node) : [];
}

function startsLoop({ parent }: ts.Node): boolean {
  return ts.isVariableDeclaration(parent) && ts.isForStatement(parent.parent.parent);
}

function changesOfOperator(
  node: ts.Node & { left: ts.Node; operatorToken: ts.Node; right: ts.Node },
) {
  const { left, operatorToken, right } = node;
  if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) {
    return [left, right].map((side): Change => [node, side.getText()]);
  }
  const names = others.get(operatorToken.getText()) ?? [];
  return names.map((name): Change => [operatorToken, name]);
}

function changesOfUnary(node: ts.Node & { operand: ts.Node }): Change[] {
  const [text, operand] = [node.getText(), node.operand.getText()];
  if (/^[!~]/.test(text)) return [[node, operand]];
  if (text.startsWith("-") && !ts.isNumericLiteral(node.operand)) return [[node, operand]];
  const isStep = ts.isForStatement(node.parent) && (node.parent.incrementor as ts.Node) === node;
  if (isStep || !/\+\+|--/.test(text)) return [];
  return [[node, text.includes("++") ? text.replace("++", "--") : text.replace("--", "++")]];
}

function bothWays(condition: ts.Node): Change[] {
  return [
    [condition, "true"],
    [condition, "false"],
  ];
}

function resultOf(expression: ts.Node): Change[] {
  // The other truth value is a change to the literal itself.
  return /^(undefined|true|false)$/.test(expression.getText()) ? [] : [[expression, nothing]];
}

/** What is all that a condition guards is removed by the condition's becoming false. */
function removalOf(statement: ts.Node): Change[] {
  const { parent } = statement;
  const alone = ts.isBlock(parent) && parent.statements.length === 1 ? parent : statement;
  const guard = alone.parent;
  return ts.isIfStatement(guard) && !guard.elseStatement ? [] : [[statement, ";"]];
}

function changesOfCall(call: ts.CallExpression): Change[] {
  const { expression: callee, arguments: given } = call;
  if (!ts.isPropertyAccessExpression(callee)) return [];
  const name = callee.name.getText();
  const [other] = others.get(name) ?? [];
  if (other) return [[callee.name, other]];
  const receiver = callee.expression.getText();
  if (omitted.test(name)) return [[call, receiver]];
  if (name !== "slice" && name !== "subarray") return [];
  const variable = given.filter((argument) => !ts.isNumericLiteral(argument));
  return [
    [call, receiver],
    ...variable.flatMap((argument): Change[] =>
      ["+ 1", "- 1"].map((step) => [argument, `(${argument.getText()}) ${step}`]),
    ),
  ];
}
