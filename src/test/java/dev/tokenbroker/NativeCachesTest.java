package dev.tokenbroker;

import static java.util.Comparator.comparingInt;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import io.quarkus.caffeine.runtime.graal.CacheConstructorsFeature;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Caffeine has a class for each kind of cache, and one for its entries, and looks both up by name;
 * a native executable makes only those that were declared when it was built.
 */
class NativeCachesTest {

  private static final Path DECLARED =
      Path.of(
          "src/main/resources/META-INF/native-image/dev.tokenbroker/token-broker",
          "reachability-metadata.json");
  private static final Set<String> DECLARED_BY_QUARKUS =
      Set.of(CacheConstructorsFeature.typesNeedingConstructorsRegistered());

  /**
   * What a cache is told while it is made.
   *
   * @param calls of the builder, in the order of the source
   */
  record Recipe(String madeBy, List<String> calls) {

    Map<?, ?> made() throws ReflectiveOperationException {
      Caffeine<Object, Object> builder = Caffeine.newBuilder();
      for (String call : calls) {
        builder = told(builder, call);
      }
      return calls.contains("buildAsync") ? map(builder.buildAsync()) : builder.build().asMap();
    }

    /** What an asynchronous cache holds its futures in. */
    private static Map<?, ?> map(AsyncCache<Object, Object> cache)
        throws ReflectiveOperationException {
      Field map = cache.getClass().getDeclaredField("cache");
      map.setAccessible(true);
      return (Map<?, ?>) map.get(cache);
    }

    private static Caffeine<Object, Object> told(Caffeine<Object, Object> builder, String call) {
      return switch (call) {
        case "maximumSize" -> builder.maximumSize(1);
        case "maximumWeight" -> builder.maximumWeight(1);
        case "weigher" -> builder.weigher((_, _) -> 1);
        case "expireAfter" -> builder.expireAfter(Expiry.writing((_, _) -> Duration.ofMinutes(1)));
        case "expireAfterAccess" -> builder.expireAfterAccess(Duration.ofMinutes(1));
        case "expireAfterWrite" -> builder.expireAfterWrite(Duration.ofMinutes(1));
        case "weakKeys" -> builder.weakKeys();
        case "ticker", "executor", "evictionListener", "build", "buildAsync" ->
            builder; // of any kind of cache
        default -> throw new IllegalArgumentException(call + " is not known here; add it");
      };
    }
  }

  static Stream<Recipe> recipes() {
    return ArchitectureTest.CLASSES.stream()
        .flatMap(type -> type.getCodeUnits().stream())
        .flatMap(NativeCachesTest::recipes);
  }

  private static Stream<Recipe> recipes(JavaCodeUnit code) {
    List<Recipe> recipes = new ArrayList<>();
    code.getMethodCallsFromSelf().stream()
        .filter(call -> call.getTargetOwner().isEquivalentTo(Caffeine.class))
        .sorted(
            comparingInt(JavaMethodCall::getLineNumber)
                .thenComparing(call -> !call.getName().equals("newBuilder")))
        .forEach(
            call -> {
              if (call.getName().equals("newBuilder")) {
                recipes.add(new Recipe(code.getOwner().getSimpleName(), new ArrayList<>()));
              } else {
                recipes.getLast().calls().add(call.getName());
              }
            });
    return recipes.stream();
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void a_native_executable_can_make_each_cache(Recipe recipe) throws Exception {
    Map<?, ?> cache = recipe.made();

    String declared = Files.readString(DECLARED);
    assertThat(cache.getClass().getName())
        .satisfiesAnyOf(
            name -> assertThat(DECLARED_BY_QUARKUS).contains(name),
            name ->
                assertThat(declared)
                    .contains(
                        "{\"type\": \"%s\", \"allDeclaredConstructors\": true, \"fields\": [{\"name\": \"FACTORY\"}]}"
                            .formatted(name)));
    assertThat(entries(cache))
        .satisfiesAnyOf(
            name -> assertThat(DECLARED_BY_QUARKUS).contains(name),
            name ->
                assertThat(declared)
                    .contains(
                        "{\"type\": \"%s\", \"allDeclaredConstructors\": true}".formatted(name)));
  }

  /** The name of the class of a cache's entries. */
  private static String entries(Map<?, ?> cache) throws ReflectiveOperationException {
    Class<?> type = cache.getClass();
    while (!type.getSimpleName().equals("BoundedLocalCache")) {
      type = type.getSuperclass();
    }
    Field factory = type.getDeclaredField("nodeFactory");
    factory.setAccessible(true);
    return factory.get(cache).getClass().getName();
  }
}
