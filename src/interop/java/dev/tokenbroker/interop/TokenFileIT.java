package dev.tokenbroker.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Empty;
import dev.tokenbroker.peers.trust.TestTls;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The call credentials that clients.md prints, which send the token in a file, at a target of the
 * test.
 *
 * <p>Where a test counts reads, the file is a named pipe: each read of it takes one write.
 */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenFileIT {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final String OK = codes(Status.OK);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final Map<TokenFileProgram, Path> homes = new EnumMap<>(TokenFileProgram.class);

  // All are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private Path root;

  @SuppressWarnings("NullAway.Init")
  private Server target;

  @SuppressWarnings("NullAway.Init")
  private Server openTarget;

  @BeforeAll
  void start(@TempDir Path own) throws IOException {
    TestTls authority = TestTls.generate();
    authority.writePair(own, "tls", "localhost");
    root = authority.writeRoot(own);
    target =
        target(
            TlsServerCredentials.create(
                own.resolve("tls.crt").toFile(), own.resolve("tls.key").toFile()));
    openTarget = target(InsecureServerCredentials.create());
    for (TokenFileProgram program : TokenFileProgram.values()) {
      Path home = Files.createDirectory(own.resolve(program.name()));
      program.build(home);
      homes.put(program, home);
    }
  }

  @AfterAll
  void stop() {
    target.shutdownNow();
    openTarget.shutdownNow();
  }

  @ParameterizedTest
  @EnumSource
  void many_calls_share_one_read_and_later_calls_need_none(
      TokenFileProgram program, @TempDir Path own) throws Exception {
    Path pipe = pipe(own.resolve("token"));
    String token = token(Duration.ofHours(1));
    try (InteropProgram client = start(program, pipe, target, "tls")) {
      client.tell("calls", Map.of("times", 50));
      Files.writeString(pipe, token + "\n");

      assertThat(client.answer().text("codes")).isEqualTo(OK);
      assertThat(calls(client, 50)).isEqualTo(OK);
    }
    assertThat(seen).filteredOn(("Bearer " + token)::equals).hasSize(100);
  }

  @ParameterizedTest
  @EnumSource
  void reads_again_a_minute_and_a_half_before_the_token_ends(
      TokenFileProgram program, @TempDir Path own) throws Exception {
    String ending = token(Duration.ofSeconds(80));
    String fresh = token(Duration.ofHours(1));
    Path file = Files.writeString(own.resolve("token"), ending);
    try (InteropProgram client = start(program, file, target, "tls")) {
      assertThat(calls(client, 1)).isEqualTo(OK);
      assertThat(seen).contains("Bearer " + ending).doesNotContain("Bearer " + fresh);

      replace(file, fresh);
      assertThat(callUntil(client, codes -> seen.contains("Bearer " + fresh))).containsOnly(OK);

      String unread = token(Duration.ofHours(2));
      replace(file, unread);
      assertThat(calls(client, 50)).isEqualTo(OK);
      assertThat(seen).doesNotContain("Bearer " + unread);
    }
  }

  @ParameterizedTest
  @EnumSource
  void backs_off_while_the_file_gives_no_token(TokenFileProgram program, @TempDir Path own)
      throws Exception {
    Path file = own.resolve("token");
    String fresh = token(Duration.ofHours(1));
    try (InteropProgram client = start(program, file, target, "tls")) {
      long missing = System.nanoTime();
      assertThat(calls(client, 10)).isEqualTo(codes(Status.UNAVAILABLE));

      pipe(file);
      CompletableFuture<Long> malformed = read(file, "<html>");
      assertThat(callUntil(client, codes -> malformed.isDone()))
          .last()
          .isEqualTo(codes(unauthenticated(program)));
      CompletableFuture<Long> good = read(file, fresh);
      assertThat(callUntil(client, OK::equals)).last().isEqualTo(OK);

      assertThat(malformed.join() - missing).isGreaterThan(Duration.ofMillis(990).toNanos());
      assertThat(good.join() - malformed.join()).isGreaterThan(Duration.ofMillis(1590).toNanos());
    }
    assertThat(seen).contains("Bearer " + fresh);
  }

  @ParameterizedTest
  @EnumSource
  void sends_no_token_that_has_ended(TokenFileProgram program, @TempDir Path own) throws Exception {
    String ended = token(Duration.ofSeconds(-1));
    Path file = Files.writeString(own.resolve("token"), ended);
    try (InteropProgram client = start(program, file, target, "tls")) {
      assertThat(calls(client, 10)).isEqualTo(codes(Status.UNAVAILABLE));
    }
    assertThat(seen).doesNotContain("Bearer " + ended);
  }

  /** In Python such credentials cannot be made. */
  @ParameterizedTest
  @EnumSource(names = "PYTHON", mode = EnumSource.Mode.EXCLUDE)
  void sends_no_token_without_tls(TokenFileProgram program, @TempDir Path own) throws Exception {
    String token = token(Duration.ofHours(1));
    Path file = Files.writeString(own.resolve("token"), token);
    String outcome;
    try (InteropProgram client = start(program, file, openTarget, "plain")) {
      outcome = calls(client, 1);
    } catch (AssertionError ended) {
      outcome = Objects.toString(ended.getMessage());
    }
    assertThat(outcome).isNotEqualTo(OK);
    assertThat(seen).doesNotContain("Bearer " + token);
  }

  private InteropProgram start(TokenFileProgram program, Path file, Server at, String transport) {
    return program.start(
        Objects.requireNonNull(homes.get(program)),
        "localhost:" + at.getPort(),
        file,
        root,
        transport);
  }

  /** The status codes of that many calls at once, each once. */
  private static String calls(InteropProgram client, int times) {
    return client.ask("calls", Map.of("times", times)).text("codes");
  }

  /** Calls one by one until that holds; returns what each call ended with. */
  private static List<String> callUntil(InteropProgram client, Predicate<String> done) {
    List<String> ends = new CopyOnWriteArrayList<>();
    long end = System.nanoTime() + PATIENCE.toNanos();
    do {
      ends.add(calls(client, 1));
    } while (!done.test(ends.getLast()) && System.nanoTime() < end);
    return ends;
  }

  private static String codes(Status status) {
    return "[" + status.getCode().value() + "]";
  }

  /** gRPC for Python has one status for all failures of call credentials. */
  private static Status unauthenticated(TokenFileProgram program) {
    return program == TokenFileProgram.PYTHON ? Status.UNAVAILABLE : Status.UNAUTHENTICATED;
  }

  /** A JWT, as far as a client looks at it. */
  private static String token(Duration life) {
    String claims =
        "{\"jti\":\"%d\",\"exp\":%d}"
            .formatted(System.nanoTime(), Instant.now().plus(life).getEpochSecond());
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    return "e30." + encoder.encodeToString(claims.getBytes(UTF_8)) + ".c2ln";
  }

  private static void replace(Path file, String token) throws IOException {
    Path written = Files.writeString(file.resolveSibling("written"), token);
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static Path pipe(Path path) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor()).isZero();
    return path;
  }

  /** Has the next read of the pipe give that; completes with when it began. */
  private static CompletableFuture<Long> read(Path pipe, String content) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (var opened = Files.newOutputStream(pipe)) {
            long began = System.nanoTime();
            opened.write(content.getBytes(UTF_8));
            return began;
          } catch (IOException broken) {
            throw new UncheckedIOException(broken);
          }
        },
        task -> Thread.ofPlatform().daemon().start(task));
  }

  private Server target(ServerCredentials credentials) throws IOException {
    MethodDescriptor<Empty, Empty> method =
        MethodDescriptor.<Empty, Empty>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("acme.Target/Call")
            .setRequestMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
            .setResponseMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
            .build();
    return NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), credentials)
        .addService(
            ServerServiceDefinition.builder("acme.Target")
                .addMethod(
                    method,
                    ServerCalls.asyncUnaryCall(
                        (request, answer) -> {
                          answer.onNext(request);
                          answer.onCompleted();
                        }))
                .build())
        .intercept(new Seeing())
        .build()
        .start();
  }

  private final class Seeing implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      seen.add(Objects.requireNonNullElse(headers.get(AUTHORIZATION), ""));
      return next.startCall(call, headers);
    }
  }
}
