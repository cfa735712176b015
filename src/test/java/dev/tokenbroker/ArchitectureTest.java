package dev.tokenbroker;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchCondition;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.runtime.ObjectMethods;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.Provider;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The arrows between packages: each may look at those below it, none at those beside or above. */
class ArchitectureTest {

  private static final String ROOT = "dev.tokenbroker.";

  /** The rooms, wing by wing from the ground: each may use those before it. */
  private static final List<String> ROOMS =
      List.of(
          "base.text",
          "base.refusal",
          "base.share",
          "base.change",
          "base.time",
          "base.files",
          "base.json",
          "base.jose",
          "base.yaml",
          "peers.store",
          "peers.trust",
          "peers.http",
          "peers.guard",
          "peers.oauth",
          "judge.issuer",
          "judge.credential",
          "judge.possession",
          "judge.expression",
          "judge.target",
          "judge.policy",
          "issue.signing",
          "issue.sts",
          "issue.aws",
          "issue.github",
          "evaluate.federation.document",
          "evaluate.federation.diff",
          "evaluate.federation",
          "evaluate.revocation",
          "evaluate.exchange.admission",
          "evaluate.exchange.evaluation",
          "evaluate.exchange.cache",
          "evaluate.exchange",
          "operate.cases",
          "operate.lint",
          "operate.recording",
          "operate.candidate",
          "operate.changes.shape",
          "operate.changes",
          "edges.edge",
          "edges.grpc",
          "edges.http.token",
          "edges.http.operator",
          "edges.http.guard",
          "edges.telemetry",
          "edges.console",
          "command.report",
          "command.doctor",
          "command.fetch",
          "command.agent",
          "command",
          "process.nativeimage",
          "process.runtime");

  private static final List<String> RULE_WINGS =
      List.of("base", "judge", "issue", "evaluate", "operate");

  private static final String[] REHEARSING =
      Stream.of("cases", "lint", "recording", "candidate")
          .map(name -> ROOT + "operate." + name)
          .toArray(String[]::new);

  private static final List<Class<?>> FRESH =
      List.of(
          Random.class,
          InstantSource.class,
          Key.class,
          KeyPair.class,
          KeyStore.class,
          Provider.class,
          SSLContext.class,
          InetAddress.class,
          SocketAddress.class,
          Thread.class,
          Executor.class,
          Lock.class);

  private static final List<Class<?>> OPTIONALS =
      List.of(Optional.class, OptionalInt.class, OptionalLong.class, OptionalDouble.class);

  /** Commands, the trust that they share with the broker, and the bean for all others. */
  private static final List<String> ASK_FOR_THE_TIME_OF_DAY =
      List.of(
          "AgentCommand",
          "CheckCommand",
          "Clocks",
          "CurrentAnchors",
          "CurrentTrust",
          "DoctorCommand",
          "ReplayCommand",
          "FetchCommand",
          "HttpClients",
          "OfflineBroker",
          "PeerClient",
          "SystemClock",
          "TestCommand");

  /** Deadlines, waits of a thread, measured durations, and how often something is done. */
  private static final List<String> ASK_FOR_MONOTONIC_TIME =
      List.of(
          "AgentCommand",
          "ClientCertificateRequests",
          "Clocks",
          "Deadline",
          "Evaluation",
          "GroupCommit",
          "GuardState",
          "HttpExchange",
          "ProbeClient",
          "Signals",
          "StoreEpoch",
          "StoreHealth",
          "StoreKeys",
          "StoreNotices",
          "StoreRounds",
          "TokenEndpoint",
          "Trail",
          "ValkeyLog");

  /** Jitter, samples, and the ids of evaluations. */
  private static final List<String> ASK_FOR_CHANCE =
      List.of(
          "Clocks",
          "Comparison",
          "DiscoveredEndpoint",
          "Evaluation",
          "FetchCommand",
          "KeyRefusals",
          "ProbeTurn",
          "Recorder",
          "RefusalResponse",
          "RefusalStatus",
          "TokenBrokerService",
          "TokenRequests",
          "TokenRoute",
          "UsedCredentials",
          "UsedProofs");

  private static final Path DEV_MODE = Path.of("src/dev/java/dev/tokenbroker/devissuer");

  /** All classes of the application, and those of dev mode. */
  static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ArchitectureTest::isNoTest)
          .importPackages("dev.tokenbroker");

  /** Dev mode is compiled with the tests, into the same folder. */
  private static boolean isNoTest(Location classFile) {
    String name = classFile.asURI().toString().replaceFirst(".*/", "").split("[$.]", 2)[0];
    return new DoNotIncludeTests().includes(classFile)
        || (classFile.contains("/dev/tokenbroker/devissuer/")
            && Files.exists(DEV_MODE.resolve(name + ".java")));
  }

  static List<String> rooms() {
    return ROOMS;
  }

  static List<Arguments> readers() {
    return List.of(
        Arguments.of(
            Pattern.compile(
                "java\\.time\\.\\w+\\.(now\\(\\)|system.*|tick.*)|java\\.util\\.Date\\.<init>\\(\\)"
                    + "|java\\.lang\\.System\\.currentTimeMillis\\(\\)|.*\\.Clocks\\.system\\(\\)"),
            ASK_FOR_THE_TIME_OF_DAY),
        Arguments.of(
            Pattern.compile("java\\.lang\\.System\\.nanoTime\\(\\)"), ASK_FOR_MONOTONIC_TIME),
        Arguments.of(
            Pattern.compile(
                "java\\.util\\.concurrent\\.ThreadLocalRandom\\.current\\(\\)|java\\.lang\\.Math\\.random\\(\\)"
                    + "|java\\.util\\.(Random|SplittableRandom)\\.<init>.*"
                    + "|java\\.util\\.random\\.RandomGenerator\\.(of|getDefault).*"),
            ASK_FOR_CHANCE));
  }

  @ParameterizedTest
  @MethodSource("rooms")
  void looks_only_down(String room) {
    String[] above =
        Stream.concat(ROOMS.stream().skip(ROOMS.indexOf(room) + 1L), Stream.of("devissuer"))
            .map(name -> ROOT + name)
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(ROOT + room)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(above)
        .check(CLASSES);
  }

  /** Else a new room could look wherever it likes. */
  @Test
  void each_package_is_a_room() {
    assertThat(CLASSES.stream().map(JavaClass::getPackageName).distinct())
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(ROOMS.stream(), Stream.of("devissuer", "v1"))
                .map(name -> ROOT + name)
                .toList());
  }

  @Test
  void rules_know_no_protocol_no_framework_and_no_generated_code() {
    String[] rules = RULE_WINGS.stream().map(name -> ROOT + name + "..").toArray(String[]::new);
    noClasses()
        .that()
        .resideInAnyPackage(rules)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.grpc..",
            "io.quarkus..",
            "io.vertx..",
            "io.micrometer..",
            "io.opentelemetry..",
            ROOT + "v1..")
        .check(CLASSES);
  }

  @Test
  void only_one_class_knows_grpc_status_codes() {
    noClasses()
        .that()
        .resideInAPackage("dev.tokenbroker..")
        .and()
        .resideOutsideOfPackages(ROOT + "v1..", ROOT + "devissuer..")
        .and(DescribedPredicate.not(belongTo(name(ROOT + "edges.grpc.RefusalStatus"))))
        .should()
        .dependOnClassesThat()
        .areAssignableTo(Status.Code.class)
        .orShould()
        .accessFieldWhere(targetOwner(type(Status.class)))
        .check(CLASSES);
  }

  @Test
  void proof_types_can_be_made_only_by_what_proves_them() {
    classes()
        .that()
        .haveFullyQualifiedName(ROOT + "judge.credential.VerifiedIdentity")
        .or()
        .haveFullyQualifiedName(ROOT + "judge.policy.Grant")
        .or()
        .haveFullyQualifiedName(ROOT + "judge.possession.DpopProof")
        .or()
        .haveFullyQualifiedName(ROOT + "judge.possession.ProvedKeys")
        .should()
        .haveOnlyFinalFields()
        .andShould()
        .haveModifier(JavaModifier.FINAL)
        .check(CLASSES);
    assertThat(
            Stream.of(
                    "judge.credential.VerifiedIdentity",
                    "judge.policy.Grant",
                    "judge.possession.DpopProof",
                    "judge.possession.ProvedKeys")
                .map(name -> CLASSES.get(ROOT + name)))
        .allSatisfy(
            proof ->
                assertThat(proof.getConstructors())
                    .noneMatch(made -> made.getModifiers().contains(JavaModifier.PUBLIC)));
  }

  @Test
  void only_a_rehearsal_assumes_unproved_facts_and_issues_nothing() {
    noClasses()
        .that()
        .resideInAPackage("dev.tokenbroker..")
        .and()
        .resideOutsideOfPackages(REHEARSING)
        .and()
        .doNotHaveFullyQualifiedName(ROOT + "judge.credential.AssumedIdentity")
        .and()
        .doNotHaveFullyQualifiedName(ROOT + "judge.possession.AssumedKeys")
        .should()
        .dependOnClassesThat()
        .haveSimpleNameStartingWith("Assumed")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAnyPackage(REHEARSING)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            Stream.of("issue..", "peers.http", "peers.guard", "peers.trust", "peers.oauth")
                .map(name -> ROOT + name)
                .toArray(String[]::new))
        .check(CLASSES);
  }

  /** A native executable keeps static fields as they were when it was built. */
  @Test
  void nothing_that_must_be_fresh_is_static() {
    fields()
        .that()
        .areStatic()
        .and()
        .areDeclaredInClassesThat()
        .resideInAPackage("dev.tokenbroker..")
        .should(
            ArchCondition.from(
                DescribedPredicate.describe(
                    "hold neither chance, clock, key, trust, address, thread nor lock",
                    (JavaField field) ->
                        FRESH.stream().noneMatch(field.getRawType()::isAssignableTo))))
        .check(CLASSES);
  }

  /**
   * The classes that ask the JDK itself for the time or for chance. All others have a clock or a
   * source of chance injected, so that a test can replace it.
   */
  @ParameterizedTest
  @MethodSource("readers")
  void only_known_classes_ask_the_jdk_for_time_or_chance(Pattern asked, List<String> readers) {
    assertThat(
            CLASSES.stream()
                .filter(reader -> !reader.getPackageName().equals(ROOT + "devissuer"))
                .filter(reader -> asks(reader, asked))
                .map(reader -> reader.getName().replaceFirst(".*\\.", "").replaceFirst("\\$.*", ""))
                .distinct())
        .containsExactlyInAnyOrderElementsOf(readers);
  }

  private static boolean asks(JavaClass reader, Pattern asked) {
    return reader.getAccessesFromSelf().stream()
        .anyMatch(access -> asked.matcher(access.getTarget().getFullName()).matches());
  }

  /** What they have no promise for: Vert.x' own classes, and Netty below it. */
  @Test
  void only_callers_and_connection_limits_know_netty_and_internals() {
    noClasses()
        .that()
        .resideInAPackage("dev.tokenbroker..")
        .and()
        .resideOutsideOfPackages(ROOT + "peers.http..", ROOT + "peers.trust..")
        .and(DescribedPredicate.not(belongTo(name(ROOT + "edges.grpc.GrpcTransport"))))
        .and(DescribedPredicate.not(belongTo(name(ROOT + "edges.http.guard.HttpConnections"))))
        .and(DescribedPredicate.not(belongTo(name(ROOT + "edges.edge.FirstBytes"))))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netty..", "io.vertx..impl..")
        .check(CLASSES);
  }

  /**
   * The {@code equals} and {@code hashCode} that are generated for a record run in an interpreter
   * in a native executable: 22 us each time. Records that are compared only when a federation is
   * loaded, such as {@code KeyLocation}, may have the generated ones.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "base.refusal.FieldViolation",
        "judge.possession.Binding$Certificate",
        "judge.possession.Binding$Key",
        "judge.possession.ReplayWindow$Id",
        "evaluate.exchange.admission.CredentialDigest",
      })
  void records_that_a_call_compares_write_their_own_equals(String record) throws IOException {
    assertThat(CLASSES.get(ROOT + record).isRecord()).isTrue();
    assertThat(generated(ROOT + record)).doesNotContain("equals", "hashCode");
  }

  @Test
  void the_methods_that_are_generated_for_a_record_are_known() throws IOException {
    assertThat(generated(ROOT + "judge.issuer.KeyLocation"))
        .containsExactlyInAnyOrder("equals", "hashCode", "toString");
  }

  /** The methods of a record whose code is left to the JDK. */
  private static List<String> generated(String record) throws IOException {
    String file = "/" + record.replace('.', '/') + ".class";
    try (InputStream bytes =
        Objects.requireNonNull(ArchitectureTest.class.getResourceAsStream(file))) {
      return ClassFile.of().parse(bytes.readAllBytes()).methods().stream()
          .filter(ArchitectureTest::isLeftToTheJdk)
          .map(method -> method.methodName().stringValue())
          .toList();
    }
  }

  private static boolean isLeftToTheJdk(MethodModel method) {
    return method.code().stream()
        .flatMap(CodeModel::elementStream)
        .anyMatch(
            element ->
                element instanceof InvokeDynamicInstruction dynamic
                    && dynamic
                        .bootstrapMethod()
                        .owner()
                        .equals(ObjectMethods.class.describeConstable().orElseThrow()));
  }

  @Test
  void an_optional_is_returned_and_never_stored() {
    fields()
        .should(
            ArchCondition.from(
                DescribedPredicate.describe(
                    "be no Optional",
                    (JavaField field) ->
                        OPTIONALS.stream().noneMatch(field.getRawType()::isEquivalentTo))))
        .check(CLASSES);
  }

  @Test
  void every_package_says_what_it_owns() {
    List<String> silent =
        CLASSES.stream()
            .map(JavaClass::getPackageName)
            .distinct()
            .filter(name -> !name.equals(ROOT + "v1"))
            .filter(
                name -> CLASSES.stream().noneMatch(c -> c.getName().equals(name + ".package-info")))
            .toList();
    assertThat(silent).isEmpty();
  }
}
