package dev.tokenbroker.judge.expression;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.validator.CelValidator;
import dev.cel.validator.CelValidatorFactory;
import dev.cel.validator.validators.AstDepthLimitValidator;
import dev.cel.validator.validators.DurationLiteralValidator;
import dev.cel.validator.validators.TimestampLiteralValidator;
import dev.tokenbroker.base.files.Resource;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Compiles the CEL expressions of the federation document in one environment: the variables {@code
 * claims} (map of string to anything), {@code issuer}, {@code subject}, {@code audience} and {@code
 * client} (strings), the standard functions and the standard macros. No function reads the clock,
 * the network or other state, so the same facts give the same value.
 *
 * <p>Bounds: {@value #MAX_CHARS} characters, a nesting of 64, {@value #MAX_ITERATIONS} iterations
 * over all comprehensions of an evaluation, regular expressions (RE2, linear time) of {@value
 * #MAX_REGEX_SIZE} instructions, and the steps of {@link StepCounter} and {@link StepBudget}.
 *
 * <p>Building one takes up to a second on a cold JVM; keep it. Safe for use by several threads.
 */
public class Expressions {

  /** The longest expression, in characters. */
  public static final int MAX_CHARS = 4096;

  static final int MAX_ITERATIONS = 1000;
  static final int MAX_REGEX_SIZE = 1000;

  private static final int MAX_DEPTH = 64;
  private static final int MAX_MISTAKES = 5;

  private static final Set<CelKind> CLAIM_KINDS =
      EnumSet.of(
          CelKind.DYN,
          CelKind.STRING,
          CelKind.INT,
          CelKind.DOUBLE,
          CelKind.BOOL,
          CelKind.LIST,
          CelKind.MAP);

  private final Cel cel;
  private final CelValidator validator;

  public Expressions() {
    this.cel =
        CelFactory.standardCelBuilder()
            .setOptions(
                CelOptions.current()
                    .maxExpressionCodePointSize(MAX_CHARS)
                    .maxParseRecursionDepth(MAX_DEPTH)
                    .maxParseErrorRecoveryLimit(MAX_MISTAKES)
                    .comprehensionMaxIterations(MAX_ITERATIONS)
                    .maxRegexProgramSize(MAX_REGEX_SIZE)
                    .build())
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addVar(Facts.CLAIMS, MapType.create(SimpleType.STRING, SimpleType.DYN))
            .addVar(Facts.ISSUER, SimpleType.STRING)
            .addVar(Facts.SUBJECT, SimpleType.STRING)
            .addVar(Facts.AUDIENCE, SimpleType.STRING)
            .addVar(Facts.CLIENT, SimpleType.STRING)
            .build();
    this.validator =
        CelValidatorFactory.standardCelValidatorBuilder(cel)
            .addAstValidators(
                AstDepthLimitValidator.newInstance(MAX_DEPTH),
                new PatternValidator(),
                TimestampLiteralValidator.INSTANCE,
                DurationLiteralValidator.INSTANCE)
            .build();
  }

  /**
   * Compiles a condition. Its type must be bool at compile time: a bare claim is not enough, since
   * its type is unknown until a credential arrives.
   */
  public Compiled<Condition> condition(String source) {
    return switch (compile(source, EnumSet.of(CelKind.BOOL), "a condition must be bool")) {
      case Compiled.Ok<Expression>(Expression expression) ->
          new Compiled.Ok<>(new Condition(expression));
      case Compiled.Bad<Expression>(List<Compiled.Mistake> mistakes) ->
          new Compiled.Bad<>(mistakes);
    };
  }

  /** Compiles an expression for a subject: a string, or a claim that must be one at evaluation. */
  public Compiled<Expression> subject(String source) {
    return compile(source, EnumSet.of(CelKind.STRING, CelKind.DYN), "a subject must be a string");
  }

  /** Compiles an expression for an extra claim: anything that JSON can hold, except null. */
  public Compiled<Expression> claim(String source) {
    return compile(source, CLAIM_KINDS, "a claim must be a string, int, double, bool, list or map");
  }

  /** Compiles an expression for the value of that key: a list, or a claim that must be one. */
  public Compiled<Expression> list(String key, String source) {
    return compile(source, EnumSet.of(CelKind.LIST, CelKind.DYN), key + " must be a list");
  }

  private Compiled<Expression> compile(String source, Set<CelKind> kinds, String demand) {
    if (source.length() > MAX_CHARS) {
      return bad("the expression is longer than " + MAX_CHARS + " characters");
    }
    CelValidationResult checked = cel.compile(source);
    try {
      CelAbstractSyntaxTree ast = checked.getAst();
      CelValidationResult validated = validator.validate(ast);
      if (validated.hasError()) {
        return bad(validated);
      }
      CelType type = ast.getResultType();
      if (!kinds.contains(type.kind())) {
        return bad(demand + ", this is " + type.name());
      }
      CelNavigableAst nodes = CelNavigableAst.fromAst(ast);
      return new Compiled.Ok<>(
          new Expression(
              source,
              ast.getExpr(),
              cel.createProgram(ast),
              new Absences(nodes),
              new MatchCosts(nodes),
              ClaimUses.of(nodes)));
    } catch (CelValidationException e) {
      return bad(checked);
    } catch (CelEvaluationException e) {
      return bad("the expression cannot be prepared for evaluation");
    }
  }

  private static Compiled<Expression> bad(CelValidationResult result) {
    List<Compiled.Mistake> mistakes =
        result.getErrors().stream().limit(MAX_MISTAKES).map(Expressions::mistake).toList();
    return mistakes.isEmpty()
        ? bad("the expression is not valid CEL")
        : new Compiled.Bad<>(mistakes);
  }

  private static Compiled<Expression> bad(String message) {
    return new Compiled.Bad<>(List.of(new Compiled.Mistake(message, 1, 1)));
  }

  private static Compiled.Mistake mistake(CelIssue issue) {
    // CEL counts columns from 0, and some issues have no location at all (-1).
    return new Compiled.Mistake(
        oneLine(CelMistakes.plain(issue.getMessage())),
        Math.max(1, issue.getSourceLocation().getLine()),
        Math.max(1, issue.getSourceLocation().getColumn() + 1));
  }

  private static String oneLine(String message) {
    String line = message.strip().replaceAll("\\s+", " ");
    return line.length() > 200 ? line.substring(0, 199) + "…" : line;
  }

  /**
   * Words the commonest errors of CEL's parser and type checker for authors of a document. CEL
   * gives these errors no code, so their texts are read; a text of another form stays as it is.
   */
  static final class CelMistakes {

    /**
     * Our words by the form of CEL's message, of which the first that fits counts, or by its type.
     */
    private static final Map<String, String> WORDS = new LinkedHashMap<>();

    /** In our words: the types that this group of the form has found. */
    private static final Pattern TYPES = Pattern.compile("<\\$(\\d)>");

    private static final Pattern TYPE = Pattern.compile("(\\w+)(\\([^()]*\\))?(, )?");

    static {
      Resource.text(CelMistakes.class, "cel-mistakes.txt")
          .lines()
          .map(line -> line.split(" => ", 2))
          .forEach(row -> WORDS.put(row[0], row[1]));
    }

    private CelMistakes() {}

    static String plain(String message) {
      for (Map.Entry<String, String> known : WORDS.entrySet()) {
        Matcher form = Pattern.compile(known.getKey(), Pattern.DOTALL).matcher(message);
        if (form.matches()) {
          return form.replaceFirst(
              TYPES
                  .matcher(known.getValue())
                  .replaceAll(
                      types -> quoted(named(form.group(Integer.parseInt(types.group(1)))))));
        }
      }
      return message;
    }

    /** Twice, for two replacements. */
    private static String quoted(String words) {
      return Matcher.quoteReplacement(Matcher.quoteReplacement(words));
    }

    private static String named(String types) {
      return TYPE.matcher(types)
          .replaceAll(
              type ->
                  Matcher.quoteReplacement(
                      WORDS.getOrDefault(type.group(1), type.group(1))
                          + (type.group(3) == null ? "" : " and ")));
    }
  }

  /** The result of compiling an expression of the federation document. */
  public sealed interface Compiled<T> {

    /** The expression is well-formed and has the right type. */
    record Ok<T>(T value) implements Compiled<T> {}

    /** The expression is wrong for these reasons; at least one, in the order of the text. */
    record Bad<T>(List<Mistake> mistakes) implements Compiled<T> {
      public Bad {
        mistakes = List.copyOf(mistakes);
      }
    }

    /**
     * One reason.
     *
     * @param message what is wrong, in one line
     * @param line the line within the expression, from 1
     * @param column the column within that line, from 1
     */
    record Mistake(String message, int line, int column) {}
  }
}
