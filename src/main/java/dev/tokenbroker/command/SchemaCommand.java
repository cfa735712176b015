package dev.tokenbroker.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code schema}: prints the JSON Schema of a kind of document, for editors. */
final class SchemaCommand implements Command {

  private static final String DOCUMENT = "DOCUMENT";
  private static final String FEDERATION = "federation";
  private static final List<String> DOCUMENTS = List.of(FEDERATION, "cases");

  private final Terminal console;

  SchemaCommand(Terminal console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    return Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            "schema",
            "Prints the JSON Schema (draft-07) of federation documents or case files, by which editors"
                + " complete and check them.")
        .addPositional(
            PositionalParamSpec.builder()
                .index("0")
                .arity("0..1")
                .type(String.class)
                .paramLabel(DOCUMENT)
                .description("federation or cases. federation if left out.")
                .build());
  }

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    String document = given.matchedPositionalValue(0, FEDERATION);
    if (!DOCUMENTS.contains(document)) {
      throw new Failure(ExitCode.USAGE, DOCUMENT + " must be " + String.join(" or ", DOCUMENTS));
    }
    console.print(schema(document));
    return ExitCode.OK;
  }

  private static String schema(String document) {
    String resource = "/dev/tokenbroker/schema/" + document + ".schema.json";
    try (InputStream schema = SchemaCommand.class.getResourceAsStream(resource)) {
      return new String(Objects.requireNonNull(schema).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
