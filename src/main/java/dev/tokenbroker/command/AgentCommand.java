package dev.tokenbroker.command;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tokenbroker.base.json.JsonBytes;
import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.time.ProcessSignals;
import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.command.agent.Agent;
import dev.tokenbroker.command.agent.AgentDocument;
import dev.tokenbroker.command.agent.AgentReader;
import dev.tokenbroker.command.fetch.NoToken;
import dev.tokenbroker.command.fetch.NoToken.Kind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code agent}: keeps files with fresh tokens until it is asked to stop, or until the command ends
 * that it has started. Such a command starts when all files are fresh; it gets the signals of the
 * agent, and its exit code is the agent's.
 */
final class AgentCommand implements Command, Agent.Listener {

  private static final String FILE = "FILE";
  private static final String ONCE = "--once";
  private static final long ONCE_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final int TICK_MILLIS = 250;
  private static final int MAX_DOCUMENT_BYTES = 1 << 20;
  private static final List<String> STOPPING = List.of("TERM", "INT");

  /** A command gets them, too, as far as the JVM leaves them to us. */
  private static final List<String> OTHERS = List.of("HUP", "QUIT", "USR1", "USR2");

  private static final String ENDED = "";

  private final Terminal console;

  /** The names of signals that this process has got, and the end of the command. */
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

  private int ended = -1;
  private volatile boolean started;
  private volatile boolean stopped;

  AgentCommand(Terminal console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    return Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            "agent",
            "Keeps files with fresh tokens, as a document says, until it is asked to stop. Starts the"
                + " command after --, if any, when all files are there, passes signals on, and ends"
                + " with its exit code.")
        .addOption(Commands.flag(ONCE, "End when all files are there, within a minute."))
        .addPositional(
            PositionalParamSpec.builder()
                .index("0")
                .arity("1")
                .required(true)
                .type(String.class)
                .paramLabel(FILE)
                .description("The document of the agent.")
                .build())
        .addPositional(
            PositionalParamSpec.builder()
                .index("1..*")
                .arity("0..*")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel("COMMAND")
                .description("After --: a program and its arguments.")
                .build());
  }

  @Override
  public ExitCode run(ParseResult given) throws Failure {
    List<String> command = given.matchedPositionalValue(1, List.of());
    boolean once = given.hasMatchedOption(ONCE);
    if (once && !command.isEmpty()) {
      throw new Failure(ExitCode.USAGE, "give " + ONCE + " or a command, not both");
    }
    Path file = Paths.of(given.matchedPositionalValue(0, ""), FILE);
    AgentDocument document = document(file, !command.isEmpty());
    try (ExecutorService attempts = Executors.newCachedThreadPool()) {
      Agent agent = new Agent(document, Clocks.system(), attempts, this);
      try {
        return once ? once(agent, attempts) : keep(agent, document, command, attempts);
      } finally {
        stopped = true;
        attempts.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new Failure(ExitCode.UNAVAILABLE, "interrupted");
    }
  }

  /** The exit code of the agent's own command, if that has ended. */
  @Override
  public int ending(ExitCode cameTo) {
    return ended < 0 ? cameTo.number() : ended;
  }

  private AgentDocument document(Path file, boolean hasCommand) throws Failure {
    String text = BoundedInput.wholeText(file, "the document", MAX_DOCUMENT_BYTES);
    Problems problems = new Problems();
    return new AgentReader(console::variable, hasCommand, problems)
        .read(file.toString(), text)
        .orElseThrow(
            () ->
                new Failure(
                    ExitCode.DATA,
                    "the document cannot be used",
                    problems.sorted().stream().map(Problem::toString).toList()));
  }

  private ExitCode once(Agent agent, ExecutorService attempts)
      throws Failure, InterruptedException {
    for (long begun = System.nanoTime(); ; Thread.sleep(TICK_MILLIS)) {
      agent.tick();
      if (agent.isFresh()) {
        attempts.close(); // a command after a change may still run
        return ExitCode.OK;
      }
      boolean late = System.nanoTime() - begun > ONCE_NANOS;
      @Nullable NoToken why = agent.failure().orElse(null);
      boolean lasting = why != null && !why.isPassing() && why.kind() != Kind.NO_CREDENTIAL;
      if (why != null && (late || lasting)) {
        throw new Failure(FetchCommand.code(why.kind()), "not all files are there");
      }
    }
  }

  private ExitCode keep(
      Agent agent, AgentDocument document, List<String> command, ExecutorService threads)
      throws Failure, InterruptedException {
    STOPPING.forEach(this::listen);
    if (!command.isEmpty()) {
      OTHERS.forEach(this::listen);
    }
    @Nullable Process own = null;
    try (AgentHealth health =
        document.health() == null
            ? null
            : new AgentHealth(document.health(), agent::health, threads)) {
      if (health != null) {
        line("the state of the files is at port " + health.port() + ": /q/health/ready");
      }
      while (true) {
        agent.tick();
        if (own == null && !command.isEmpty() && agent.isFresh()) {
          own = start(command);
          started = true;
        }
        @Nullable String event = events.poll(TICK_MILLIS, TimeUnit.MILLISECONDS);
        if (event == null) {
          continue;
        }
        if (own == null) {
          if (STOPPING.contains(event)) {
            return ExitCode.OK;
          }
        } else if (event.equals(ENDED)) {
          ended = own.waitFor();
          return ExitCode.OK;
        } else {
          pass(event, own);
        }
      }
    } finally {
      if (own != null) {
        own.destroy(); // it lives on only after a bug of ours
      }
    }
  }

  private void listen(String name) {
    ProcessSignals.handle(name, () -> events.add(name));
  }

  private void pass(String signal, Process command) {
    // From a terminal, Ctrl-C reaches the command by itself.
    boolean passes = !(signal.equals("INT") && console.isTerminal());
    if (passes && !ProcessSignals.send(command.pid(), signal)) {
      line("SIG" + signal + " cannot be passed on to the command");
    }
  }

  private Process start(List<String> command) throws Failure {
    try {
      Process own = new ProcessBuilder(command).inheritIO().start();
      var _ = own.onExit().thenRun(() -> events.add(ENDED));
      return own;
    } catch (IOException cannot) {
      throw new Failure(ExitCode.NO_INPUT, "the command cannot be started");
    }
  }

  @Override
  public void line(String line) {
    synchronized (console) {
      if (!stopped) { // what is interrupted is no failure
        console.complain(Commands.NAME + ": " + Evidence.escaped(line));
      }
    }
  }

  @Override
  public void signal(String name) {
    if (started) { // before, it would end a command that does not handle it yet
      events.add(name);
    }
  }

  /**
   * Serves the state of an agent's files at the addresses of a broker's own health, so that {@code
   * token-broker health} and the probes of containers read it. {@code /q/health/live} answers 200
   * while the agent runs; the others answer 503 unless all files are fresh. At most 16 connections
   * are open, and a request has 5 s.
   */
  static final class AgentHealth implements AutoCloseable {

    private static final String LIVE = "/q/health/live";
    private static final Map<String, Object> UP = Map.of("status", "UP", "checks", List.of());
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;

    private final HttpServer server;
    private final Supplier<Map<String, Object>> report;

    /**
     * Begins to serve.
     *
     * @param address the system chooses the port if it is 0
     * @param report the state, whose member {@code status} is UP or DOWN
     */
    AgentHealth(InetSocketAddress address, Supplier<Map<String, Object>> report, Executor executor)
        throws Failure {
      // The JDK reads them once. A native executable has them from its build.
      System.setProperty("jdk.httpserver.maxConnections", "16");
      System.setProperty("sun.net.httpserver.maxReqTime", "5");
      this.report = report;
      try {
        server = HttpServer.create(address, 0);
      } catch (IOException taken) {
        throw new Failure(ExitCode.OS, "the health port cannot be opened at " + address);
      }
      server.setExecutor(executor);
      var _ = server.createContext("/q/health", this::answer);
      server.start();
    }

    int port() {
      return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
      try (exchange) {
        Map<String, Object> state =
            exchange.getRequestURI().getPath().equals(LIVE) ? UP : report.get();
        byte[] body = JsonBytes.of(state);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(
            "UP".equals(state.get("status")) ? OK : UNAVAILABLE, body.length);
        exchange.getResponseBody().write(body);
      }
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
