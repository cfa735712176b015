package dev.tokenbroker.command;

import dev.tokenbroker.base.yaml.Shape;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code schema}: prints the JSON Schema of a kind of document, for editors. */
final class SchemaCommand implements Command {

  private static final String DOCUMENT = "DOCUMENT";
  private static final String FEDERATION = "federation";
  private static final List<String> DOCUMENTS = List.of(FEDERATION, "cases", "agent");

  private final Terminal console;

  SchemaCommand(Terminal console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    return Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            "schema",
            "Prints the JSON Schema (draft-07) of federation documents, case files or agent documents, by"
                + " which editors complete and check them.")
        .addPositional(
            PositionalParamSpec.builder()
                .index("0")
                .arity("0..1")
                .type(String.class)
                .paramLabel(DOCUMENT)
                .description("federation, cases or agent. federation if left out.")
                .build());
  }

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    String document = given.matchedPositionalValue(0, FEDERATION);
    if (!DOCUMENTS.contains(document)) {
      throw new Failure(ExitCode.USAGE, DOCUMENT + " must be " + String.join(" or ", DOCUMENTS));
    }
    console.print(Shape.schema(document));
    return ExitCode.OK;
  }
}
