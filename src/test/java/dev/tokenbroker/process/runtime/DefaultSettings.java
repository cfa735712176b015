package dev.tokenbroker.process.runtime;

import dev.tokenbroker.edges.telemetry.Settings;
import java.beans.Introspector;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Settings with the defaults of their {@code @ConfigMapping}. A method {@code withName} of the
 * interface of a test gives the same settings with another value of {@code name}.
 */
public final class DefaultSettings implements InvocationHandler {

  private static final ClassValue<Object> DEFAULTS =
      new ClassValue<>() {
        @Override
        protected Object computeValue(Class<?> mapping) {
          return Settings.defaults(mapping);
        }
      };

  private final Class<?> type;
  private final Object defaults;
  private final Map<String, Object> changed;

  private DefaultSettings(Class<?> type, Object defaults, Map<String, Object> changed) {
    this.type = type;
    this.defaults = defaults;
    this.changed = changed;
  }

  /**
   * The default settings.
   *
   * @param type adds methods {@code withName} to {@code mapping}
   */
  public static <M, T extends M> T of(Class<M> mapping, Class<T> type) {
    return type.cast(new DefaultSettings(type, DEFAULTS.get(mapping), Map.of()).proxy());
  }

  private Object proxy() {
    return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, this);
  }

  @Override
  public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments)
      throws Throwable {
    if (method.isDefault()) {
      return InvocationHandler.invokeDefault(proxy, method, arguments);
    }
    String name = method.getName();
    if (arguments != null && name.startsWith("with")) {
      Map<String, Object> all = new HashMap<>(changed);
      all.put(Introspector.decapitalize(name.substring("with".length())), arguments[0]);
      return new DefaultSettings(type, defaults, all).proxy();
    }
    Object value = changed.get(name);
    if (value == null) {
      return method.invoke(defaults, arguments);
    }
    if (method.getReturnType().equals(Optional.class)) {
      // As in a configuration, an empty text or list is none.
      return Optional.of(value).filter(set -> !set.equals("") && !set.equals(List.of()));
    }
    return value;
  }
}
