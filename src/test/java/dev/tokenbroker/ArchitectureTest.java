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
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The arrows between packages: each may look at those below it, none at those beside or above. */
class ArchitectureTest {

  private static final String ROOT = "dev.tokenbroker.";

  /** From the bottom: a package may use those in the lists before its own. */
  private static final List<List<String>> FLOORS =
      List.of(
          List.of("outcome"),
          List.of("store"),
          List.of("trust"),
          List.of("outbound"),
          List.of("jose"),
          List.of("oidc"),
          List.of("issuer"),
          List.of("credential"),
          List.of("possession"),
          List.of("policy"),
          List.of("signing"),
          List.of("sts"),
          List.of("federation"),
          List.of("exchange"),
          List.of("lifecycle"),
          List.of("rehearsal"),
          List.of("changes"),
          List.of("edge"),
          List.of("grpc", "http", "telemetry"),
          List.of("console"),
          List.of("command"));

  private static final Set<String> RULE_PACKAGES =
      Set.of(
          "outcome",
          "jose",
          "issuer",
          "credential",
          "possession",
          "policy",
          "signing",
          "sts",
          "federation",
          "exchange",
          "lifecycle",
          "rehearsal",
          "changes");

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

  record Floor(String name, List<String> forbidden) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Floor> floors() {
    List<Floor> floors = new ArrayList<>();
    for (int at = 0; at < FLOORS.size(); at++) {
      for (String name : FLOORS.get(at)) {
        List<String> forbidden = new ArrayList<>(List.of("runtime", "devissuer"));
        FLOORS.stream()
            .skip(at)
            .flatMap(List::stream)
            .filter(other -> !other.equals(name))
            .forEach(forbidden::add);
        floors.add(new Floor(name, forbidden));
      }
    }
    return floors.stream();
  }

  @ParameterizedTest
  @MethodSource("floors")
  void looks_only_down(Floor floor) {
    String[] forbidden =
        floor.forbidden().stream().map(name -> ROOT + name + "..").toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(ROOT + floor.name() + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(forbidden)
        .check(CLASSES);
  }

  @Test
  void rules_know_no_protocol_no_framework_and_no_generated_code() {
    String[] rules = RULE_PACKAGES.stream().map(name -> ROOT + name + "..").toArray(String[]::new);
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
            ROOT + "v1..",
            ROOT + "reports..")
        .check(CLASSES);
  }

  @Test
  void only_one_class_knows_grpc_status_codes() {
    noClasses()
        .that()
        .resideInAPackage("dev.tokenbroker..")
        .and()
        .resideOutsideOfPackages(ROOT + "v1..", ROOT + "devissuer..")
        .and(DescribedPredicate.not(belongTo(name(ROOT + "grpc.RefusalStatus"))))
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
        .haveFullyQualifiedName(ROOT + "credential.VerifiedIdentity")
        .or()
        .haveFullyQualifiedName(ROOT + "policy.Grant")
        .or()
        .haveFullyQualifiedName(ROOT + "possession.DpopProof")
        .or()
        .haveFullyQualifiedName(ROOT + "possession.ProvedKeys")
        .should()
        .haveOnlyFinalFields()
        .andShould()
        .haveModifier(JavaModifier.FINAL)
        .check(CLASSES);
    assertThat(
            Stream.of(
                    "credential.VerifiedIdentity",
                    "policy.Grant",
                    "possession.DpopProof",
                    "possession.ProvedKeys")
                .map(name -> CLASSES.get(ROOT + name)))
        .allSatisfy(
            proof ->
                assertThat(proof.getConstructors())
                    .noneMatch(made -> made.getModifiers().contains(JavaModifier.PUBLIC)));
  }

  @Test
  void only_a_rehearsal_assumes_what_nobody_proved_and_it_issues_nothing() {
    noClasses()
        .that()
        .resideInAPackage("dev.tokenbroker..")
        .and()
        .resideOutsideOfPackage(ROOT + "rehearsal..")
        .and()
        .doNotHaveFullyQualifiedName(ROOT + "credential.AssumedIdentity")
        .and()
        .doNotHaveFullyQualifiedName(ROOT + "possession.AssumedKeys")
        .should()
        .dependOnClassesThat()
        .haveSimpleNameStartingWith("Assumed")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(ROOT + "rehearsal..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + "signing..", ROOT + "sts..", ROOT + "outbound..")
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

  /** What they have no promise for: Vert.x' own classes, and Netty below it. */
  @Test
  void only_what_calls_out_and_the_grpc_transport_know_netty_and_the_inside_of_vertx() {
    noClasses()
        .that()
        .resideInAPackage("dev.tokenbroker..")
        .and()
        .resideOutsideOfPackage(ROOT + "outbound..")
        .and(DescribedPredicate.not(belongTo(name(ROOT + "grpc.GrpcTransport"))))
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
        "outcome.FieldViolation",
        "possession.Binding$Certificate",
        "possession.Binding$Key",
        "possession.ReplayWindow$Id",
        "exchange.CredentialDigest",
      })
  void records_that_a_call_compares_write_their_own_equals(String record) throws IOException {
    assertThat(CLASSES.get(ROOT + record).isRecord()).isTrue();
    assertThat(generated(ROOT + record)).doesNotContain("equals", "hashCode");
  }

  @Test
  void the_methods_that_are_generated_for_a_record_are_known() throws IOException {
    assertThat(generated(ROOT + "issuer.KeyLocation"))
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
            .filter(name -> !Set.of(ROOT + "v1", ROOT + "reports").contains(name))
            .filter(
                name -> CLASSES.stream().noneMatch(c -> c.getName().equals(name + ".package-info")))
            .toList();
    assertThat(silent).isEmpty();
  }
}
