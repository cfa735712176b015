package dev.tokenbroker.command;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.tokenbroker.command.report.JsonPrinter;
import dev.tokenbroker.reports.Candidate;
import io.vertx.core.json.JsonObject;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code candidate}: shows the candidate of a running broker, and what it would change. */
final class CandidateCommand implements Command {

  private static final String JSON = "--json";

  private final Terminal console;

  CandidateCommand(Terminal console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            "candidate",
            "Shows the candidate of a running broker: its problems, warnings and cases, and the exchanges"
                + " that it would decide otherwise. Needs a token with the scope operate.");
    spec.addOption(Commands.flag(JSON, "Show the candidate as JSON, with all differences."));
    return BrokerOptions.addTo(spec);
  }

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    BrokerOptions.checkUsage(given, Address.HTTP_PORT);
    try (BrokerCalls calls = BrokerOptions.open(given, console)) {
      JsonObject answer = calls.get("/candidate");
      Candidate candidate = candidate(answer, calls);
      console.print(
          given.hasMatchedOption(JSON) ? JsonPrinter.print(answer) : CandidateTree.of(candidate));
      return ExitCode.OK;
    }
  }

  /** The report; a response that is none, or that has an impossible value, is no broker's. */
  private static Candidate candidate(JsonObject answer, BrokerCalls calls) throws Failure {
    Candidate.Builder candidate = Candidate.newBuilder();
    try {
      JsonFormat.parser().ignoringUnknownFields().merge(answer.encode(), candidate);
    } catch (InvalidProtocolBufferException other) {
      throw calls.noBroker();
    }
    if (!(candidate.getShare() >= 0 && candidate.getShare() <= 1)) { // nor not a number
      throw calls.noBroker();
    }
    return candidate.build();
  }
}
