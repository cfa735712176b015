package dev.tokenbroker.command;

import dev.tokenbroker.command.doctor.CheckGroup;
import dev.tokenbroker.command.doctor.CheckList;
import dev.tokenbroker.command.doctor.Defect;
import dev.tokenbroker.command.doctor.Doctor;
import dev.tokenbroker.command.doctor.DoctorCheck;
import dev.tokenbroker.command.doctor.DocumentChecks;
import dev.tokenbroker.command.doctor.DocumentChecks.DocumentReport;
import dev.tokenbroker.command.doctor.IssuerChecks;
import dev.tokenbroker.command.doctor.UpstreamChecks;
import dev.tokenbroker.command.report.JUnitPrinter;
import dev.tokenbroker.command.report.JsonPrinter;
import dev.tokenbroker.command.report.Node;
import dev.tokenbroker.command.report.Node.Result;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Loaded;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.judge.issuer.IssuerSettings;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.PeerSettings;
import dev.tokenbroker.peers.http.ProbeClient;
import dev.tokenbroker.peers.trust.CallerAuthorities;
import dev.tokenbroker.peers.trust.ServerSettings;
import dev.tokenbroker.peers.trust.TlsSettings;
import io.quarkus.tls.runtime.config.TlsConfig;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code doctor}: checks a document, all that it names and a running broker, before a rollout. Each
 * defect has a code, a cause and a remedy.
 */
final class DoctorCommand implements Command {

  private static final List<String> PROXIES =
      List.of("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy");

  /** The pause between two runs of a group with {@code --wait}. */
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final Terminal console;
  private final InstantSource clock = Clock.systemUTC();

  DoctorCommand(Terminal console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    return DoctorOptions.addTo(
        Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            "doctor",
            "Checks a federation document, the issuers and upstreams that it names, and a running"
                + " broker. Says for each defect its code, its cause and its remedy. Ends with 1 if"
                + " a check fails."));
  }

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    DoctorOptions options = DoctorOptions.of(given, console);
    List<CheckGroup> groups;
    try {
      groups = groups(options);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new Failure(ExitCode.REFUSED, "interrupted");
    }
    List<Node> nodes = DoctorOutput.of(groups, options.failOnWarning());
    boolean failed =
        nodes.stream()
            .flatMap(group -> group.below().stream())
            .anyMatch(check -> check.result() == Result.FAILED);
    console.print(
        switch (options.format()) {
          case TREE -> DoctorOutput.text(groups);
          case JSON ->
              JsonPrinter.print(
                  new JsonObject().put("success", !failed).put("groups", Node.values(nodes)));
          case JUNIT -> JUnitPrinter.print(nodes) + "\n";
        });
    return failed ? ExitCode.REFUSED : ExitCode.OK;
  }

  private List<CheckGroup> groups(DoctorOptions options) throws Failure, InterruptedException {
    CommandSettings settings = CommandSettings.load();
    List<CheckGroup> groups = new ArrayList<>();
    groups.add(environment(settings.of(PeerSettings.class)));
    Loaded loaded =
        options.federation() == null ? null : document(options.federation(), settings, groups);
    Doctor doctor = new Doctor(options.waiting(), INTERVAL);
    Vertx vertx = ShortLivedVertx.start();
    try (ProbeClient probes = probes(settings, vertx)) {
      List<Supplier<CheckGroup>> peers = new ArrayList<>();
      if (loaded != null && options.federation() != null) {
        peers.addAll(peers(options.federation(), loaded, probes, settings));
      }
      Address broker = options.broker();
      if (broker != null) {
        peers.add(
            () -> new BrokerChecks(broker, options.brokerHttp(), options.connection()).check());
      }
      groups.addAll(doctor.run(peers));
    } finally {
      vertx.close();
    }
    if (options.credential() != null) {
      groups.add(endToEnd(options, options.credential(), loaded, groups));
    }
    return groups;
  }

  private CheckGroup environment(PeerSettings settings) {
    CheckList checks = new CheckList("environment");
    List<String> set = PROXIES.stream().filter(name -> !console.variable(name).isEmpty()).toList();
    if (settings.proxy().isPresent()) {
      checks.passed(DoctorCheck.PROXY_VARIABLES, "the settings name the proxy");
    } else if (set.isEmpty()) {
      checks.passed(DoctorCheck.PROXY_VARIABLES, "");
    } else {
      checks.found(
          Defect.PROXY_IGNORED,
          String.join(", ", set) + " is set, token-broker.upstream.proxy is not",
          "Set token-broker.upstream.proxy to host:port if the broker needs a proxy: the variable"
              + " has no effect.");
    }
    return checks.group();
  }

  private @Nullable Loaded document(
      Path document, CommandSettings settings, List<CheckGroup> groups) {
    DocumentReport report = DocumentChecks.of(document, settings.surroundings(), clock);
    groups.add(report.group());
    return report.loaded();
  }

  private ProbeClient probes(CommandSettings settings, Vertx vertx) throws Failure {
    try {
      return new ProbeClient(
          PeerClient.standalone(
              vertx,
              settings.of(PeerSettings.class),
              new CallerAuthorities(
                  settings.of(TlsSettings.class), settings.of(ServerSettings.class)),
              settings.of(TlsConfig.class)));
    } catch (IllegalStateException | IllegalArgumentException unreadable) {
      throw CommandSettings.unfit(unreadable);
    }
  }

  private List<Supplier<CheckGroup>> peers(
      Path document, Loaded loaded, ProbeClient probes, CommandSettings settings) {
    List<Supplier<CheckGroup>> peers = new ArrayList<>();
    IssuerChecks issuers =
        new IssuerChecks(
            probes, document, loaded, settings.of(IssuerSettings.class).minKeyTtl(), clock);
    for (TrustedIssuer issuer : loaded.federation().issuers().all()) {
      peers.add(() -> issuers.check(issuer));
    }
    UpstreamChecks upstreams = new UpstreamChecks(probes, clock);
    loaded.definitions().stream()
        .sorted(Comparator.comparing(UpstreamDefinition::name))
        .forEach(upstream -> peers.add(() -> upstreams.check(upstream)));
    return peers;
  }

  private static CheckGroup endToEnd(
      DoctorOptions options, String credential, @Nullable Loaded loaded, List<CheckGroup> before) {
    if (options.broker() == null && loaded == null) {
      return EndToEndChecks.skipped("the document does not load");
    }
    if (before.stream().anyMatch(group -> group.failed(DoctorCheck.BROKER_CONNECTION))) {
      return EndToEndChecks.skipped("the broker does not answer");
    }
    Set<String> once =
        loaded == null
            ? Set.of()
            : loaded.federation().issuers().all().stream()
                .filter(TrustedIssuer::once)
                .map(TrustedIssuer::name)
                .collect(Collectors.toUnmodifiableSet());
    return new EndToEndChecks(options, credential, once).check();
  }
}
