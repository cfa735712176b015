package dev.tokenbroker.command;

import dev.tokenbroker.base.outcome.ProcessSignals;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.command.agent.Agent;
import dev.tokenbroker.command.agent.Agent.NoFile;
import dev.tokenbroker.command.agent.AgentDocument;
import dev.tokenbroker.command.agent.AgentReader;
import dev.tokenbroker.evaluate.federation.document.Durations;
import dev.tokenbroker.evaluate.federation.document.Problem;
import dev.tokenbroker.evaluate.federation.document.Problems;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code agent}: keeps files with fresh tokens until it is asked to stop, or until the command ends
 * that it has started. Such a command starts when all files are fresh; it gets the signals of the
 * agent, and its exit code is the agent's.
 */
final class AgentCommand implements Command {

  private static final String FILE = "FILE";
  private static final String ONCE = "--once";
  private static final String TIMEOUT = "--timeout";
  private static final Duration USUAL_TIMEOUT = Duration.ofMinutes(1);
  private static final Duration MAX_TIMEOUT = Duration.ofHours(1);
  private static final Duration TICK = Duration.ofMillis(250);
  private static final int MAX_DOCUMENT_BYTES = 1 << 20;

  private static final List<String> STOPPING = List.of("TERM", "INT");

  /** Those that a command gets, too, as far as the JVM leaves them to us. */
  private static final List<String> PASSED = List.of("TERM", "INT", "HUP", "QUIT", "USR1", "USR2");

  private final Terminal console;
  private final Queue<String> signals = new ConcurrentLinkedQueue<>();
  private final Semaphore events = new Semaphore(0);
  private int ended = -1;

  AgentCommand(Terminal console) {
    this.console = console;
  }

  @Override
  public CommandSpec spec() {
    return Commands.describe(
            CommandSpec.wrapWithoutInspection(this),
            "agent",
            "Keeps files with fresh tokens, as a document says, until it is asked to stop. With a"
                + " command after --, starts it when all files are there, passes signals on, and ends"
                + " with its exit code.")
        .addOption(Commands.flag(ONCE, "End when all files are written, for an init container."))
        .addOption(
            Commands.option(
                TIMEOUT, "TIME", "With --once: how long to try, up to 1h. The default is 1m."))
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
    if (given.hasMatchedOption(ONCE) && !command.isEmpty()) {
      throw new Failure(ExitCode.USAGE, "give " + ONCE + " or a command, not both");
    }
    if (given.hasMatchedOption(TIMEOUT) && !given.hasMatchedOption(ONCE)) {
      throw new Failure(ExitCode.USAGE, TIMEOUT + " belongs to " + ONCE);
    }
    Duration timeout = timeout(given);
    AgentDocument document = document(Paths.of(given.matchedPositionalValue(0, ""), FILE));
    try (ExecutorService attempts = Executors.newVirtualThreadPerTaskExecutor()) {
      try {
        Agent agent = new Agent(document, Clocks.system(), attempts, this::say);
        String fault = agent.fault(!command.isEmpty()).orElse(null);
        if (fault != null) {
          throw new Failure(ExitCode.CONFIG, fault);
        }
        agent.begin();
        if (given.hasMatchedOption(ONCE)) {
          return once(agent, timeout);
        }
        handleSignals(!command.isEmpty());
        if (document.health() == null) {
          return keep(agent, command);
        }
        try (AgentHealth health = AgentHealth.start(document.health(), agent::health)) {
          say("the state of the files is at port " + health.port() + ": /q/health/ready");
          return keep(agent, command);
        }
      } finally {
        attempts.shutdownNow();
      }
    }
  }

  /** The exit code of the agent's own command, if that has ended. */
  @Override
  public int ending(ExitCode cameTo) {
    return ended < 0 ? cameTo.number() : ended;
  }

  private static Duration timeout(ParseResult given) throws Failure {
    return Durations.parse(given.matchedOptionValue(TIMEOUT, Durations.format(USUAL_TIMEOUT)))
        .filter(time -> time.isPositive() && time.compareTo(MAX_TIMEOUT) <= 0)
        .orElseThrow(
            () -> new Failure(ExitCode.USAGE, TIMEOUT + " must be from 1ms to 1h, such as 90s"));
  }

  private AgentDocument document(Path file) throws Failure {
    String text = BoundedInput.wholeText(file, "the document", MAX_DOCUMENT_BYTES);
    Problems problems = new Problems();
    AgentDocument document =
        new AgentReader(console::variable, problems).read(file.toString(), text).orElse(null);
    if (document == null) {
      throw new Failure(
          ExitCode.DATA,
          "the document cannot be used",
          problems.sorted().stream().map(Problem::toString).toList());
    }
    return document;
  }

  private ExitCode once(Agent agent, Duration timeout) throws Failure {
    for (long begun = System.nanoTime(); ; await()) {
      agent.tick();
      if (agent.isFresh()) {
        return ExitCode.OK;
      }
      boolean late = System.nanoTime() - begun >= timeout.toNanos();
      for (NoFile file : agent.failures()) {
        if (late || file.isLasting()) {
          throw new Failure(
              file.kind() == null ? ExitCode.IO : FetchCommand.code(file.kind()), file.line());
        }
      }
      if (late) {
        throw new Failure(ExitCode.UNAVAILABLE, "the broker has not answered in time");
      }
    }
  }

  private ExitCode keep(Agent agent, List<String> command) throws Failure {
    @Nullable Process own = null;
    try {
      while (true) {
        agent.tick();
        boolean asked = isAsked(own);
        if (own == null && asked) {
          return ExitCode.OK;
        }
        if (own == null && !command.isEmpty() && agent.isFresh()) {
          own = start(command);
          agent.tells(own);
        }
        if (own != null && !own.isAlive()) {
          ended = own.exitValue();
          return ExitCode.OK;
        }
        await();
      }
    } finally {
      if (own != null) {
        own.destroy(); // it lives on only after a bug of ours
      }
    }
  }

  private Process start(List<String> command) throws Failure {
    try {
      Process started = new ProcessBuilder(command).inheritIO().start();
      var _ = started.onExit().thenRun(events::release);
      return started;
    } catch (IOException cannot) {
      throw new Failure(ExitCode.NO_INPUT, "the command cannot be started");
    }
  }

  private void await() throws Failure {
    try {
      boolean _ = events.tryAcquire(TICK.toMillis(), TimeUnit.MILLISECONDS);
      int _ = events.drainPermits();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new Failure(ExitCode.SOFTWARE, "interrupted");
    }
  }

  /** A handler must not wait, so signals are passed on by the thread that waits for them. */
  private void handleSignals(boolean hasCommand) {
    for (String name : hasCommand ? PASSED : STOPPING) {
      if (!ProcessSignals.handle(name, () -> arrived(name)) && STOPPING.contains(name)) {
        say("SIG" + name + " ends the agent with an exit code that is not 0");
      }
    }
  }

  private void arrived(String signal) {
    boolean _ = signals.add(signal);
    events.release();
  }

  /** Whether the agent was asked to stop. */
  private boolean isAsked(@Nullable Process command) {
    boolean asked = false;
    for (String signal = signals.poll(); signal != null; signal = signals.poll()) {
      asked |= STOPPING.contains(signal);
      // From a terminal, Ctrl-C reaches the command by itself.
      boolean passes = command != null && !(signal.equals("INT") && console.isTerminal());
      if (passes && !ProcessSignals.send(command.pid(), signal)) {
        say("SIG" + signal + " cannot be passed on to the command");
      }
    }
    return asked;
  }

  private void say(String line) {
    synchronized (console) {
      console.complain(Commands.NAME, line);
    }
  }
}
