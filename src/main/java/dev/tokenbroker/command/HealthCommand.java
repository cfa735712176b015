package dev.tokenbroker.command;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.edges.grpc.GrpcSettings;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code health}: asks a running broker for its health over HTTP or gRPC, for container probes.
 * Ends with 0 or 1, as probes demand, unless the command line is wrong.
 */
final class HealthCommand implements Command {

  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final String ADDRESS = "--address";
  private static final String SERVICE = "--service";
  private static final Set<ExitCode> KNOWN =
      EnumSet.of(ExitCode.OK, ExitCode.REFUSED, ExitCode.USAGE);
  private static final List<String> STATES = List.of("live", "ready", "started");
  private static final String READY = "ready";

  private static final int HTTP_OK = 200;
  private static final int HTTP_UNAVAILABLE = 503;
  private static final int GRPC_NOT_FOUND = 5;

  private final Terminal console;

  HealthCommand(Terminal console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        Commands.describe(
                CommandSpec.wrapWithoutInspection(this),
                "health",
                "Asks a running broker for its health, over HTTP unless --service is given. Ends with 0"
                    + " for healthy and with 1 for everything else, as probes of containers demand.")
            .addPositional(
                PositionalParamSpec.builder()
                    .index("0")
                    .arity("0..1")
                    .type(String.class)
                    .paramLabel("STATE")
                    .description("live, ready (without it) or started.")
                    .build())
            .addOption(
                Commands.option(
                    ADDRESS,
                    "HOST:PORT",
                    "The address of the broker. The default is localhost and the port of the setting"
                        + " quarkus.management.port, with --service token-broker.grpc.port."))
            .addOption(
                Commands.option(
                    SERVICE,
                    "NAME",
                    "Ask by the gRPC health protocol for this service instead, such as"
                        + " tokenbroker.v1.TokenBroker."));
    return ConnectionOptions.addTo(spec, TIMEOUT);
  }

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    checkUsage(given);
    String state = given.matchedPositionalValue(0, READY);
    String service = given.matchedOptionValue(SERVICE, "");
    ConnectionOptions options = ConnectionOptions.of(given, TIMEOUT);
    Address address = address(given);
    try (BrokerConnection broker = new BrokerConnection(address, options)) {
      return service.isEmpty() ? state(broker, state) : service(broker, service);
    }
  }

  /** Docker knows only 0 and 1; a wrong command line says nothing about the broker's health. */
  @Override
  public int ending(ExitCode cameTo) {
    return (KNOWN.contains(cameTo) ? cameTo : ExitCode.REFUSED).number();
  }

  /** Checks the usage before any file is read: a wrong command line has no other effect. */
  private static void checkUsage(ParseResult given) throws Failure {
    if (!STATES.contains(given.matchedPositionalValue(0, READY))) {
      throw new Failure(ExitCode.USAGE, "STATE must be live, ready or started");
    }
    if (!given.matchedOptionValue(SERVICE, "").isEmpty() && given.hasMatchedPositional(0)) {
      throw new Failure(ExitCode.USAGE, "give a STATE or " + SERVICE + ", not both");
    }
    if (given.hasMatchedOption(ADDRESS)) {
      given(given);
    }
    ConnectionOptions.checkUsage(given);
  }

  private static Address given(ParseResult given) throws Failure {
    int example = given.hasMatchedOption(SERVICE) ? Address.GRPC_PORT : Address.MANAGEMENT_PORT;
    return Address.parse(given.matchedOptionValue(ADDRESS, ""), ADDRESS, example);
  }

  private static Address address(ParseResult given) throws Failure {
    if (given.hasMatchedOption(ADDRESS)) {
      return given(given);
    }
    CommandSettings settings = CommandSettings.load();
    if (given.hasMatchedOption(SERVICE)) {
      return new Address("localhost", settings.of(GrpcSettings.class).port());
    }
    return new Address(
        "localhost", settings.number("quarkus.management.port").orElse(Address.MANAGEMENT_PORT));
  }

  private ExitCode state(BrokerConnection broker, String state) throws Failure {
    BrokerConnection.HttpAnswer answer = broker.get("/q/health/" + state);
    return switch (answer.status()) {
      case HTTP_OK -> {
        console.printLine(state);
        yield ExitCode.OK;
      }
      case HTTP_UNAVAILABLE -> {
        console.complain(Commands.NAME, "not " + state + down(answer.body()));
        yield ExitCode.REFUSED;
      }
      default -> throw broker.noBroker();
    };
  }

  private ExitCode service(BrokerConnection broker, String service) throws Failure {
    BrokerConnection.Reply reply =
        broker.call(
            "grpc.health.v1.Health/Check",
            HealthCheckRequest.newBuilder().setService(service).build().toByteArray(),
            Map.of());
    if (reply.status() == GRPC_NOT_FOUND) {
      throw new Failure(ExitCode.REFUSED, "the broker has no service " + service);
    }
    if (reply.status() != 0) {
      throw new Failure(
          ExitCode.REFUSED,
          "the broker refuses to answer: status " + reply.status() + " " + reply.detail());
    }
    ServingStatus status = status(broker, Objects.requireNonNull(reply.message()));
    if (status != ServingStatus.SERVING) {
      console.complain(Commands.NAME, service + " is " + status);
      return ExitCode.REFUSED;
    }
    console.printLine(status.toString());
    return ExitCode.OK;
  }

  private static ServingStatus status(BrokerConnection broker, Buffer message) throws Failure {
    try {
      return HealthCheckResponse.parseFrom(message.getBytes()).getStatus();
    } catch (InvalidProtocolBufferException other) {
      throw broker.noBroker();
    }
  }

  /** The names of the checks that are down. */
  private static String down(Buffer report) {
    try {
      JsonArray checks = new JsonObject(report).getJsonArray("checks", new JsonArray());
      String names =
          checks.stream()
              .filter(JsonObject.class::isInstance)
              .map(JsonObject.class::cast)
              .filter(check -> !"UP".equals(check.getString("status")))
              .map(check -> Evidence.clean(check.getString("name", "")))
              .collect(Collectors.joining(", "));
      return names.isEmpty() ? "" : ": " + names;
    } catch (DecodeException | ClassCastException unreadable) {
      return "";
    }
  }
}
