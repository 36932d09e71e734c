using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using Theory.Api;
using Theory.Numerics;
using Xunit;
using MethodInfo = System.Reflection.MethodInfo;

namespace FacadeTests;

/// <summary>What C# code can see of the library, held against the house rules for it.</summary>
public sealed class SurfaceTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Assembly Facade = typeof(Library).Assembly;

    private static IEnumerable<Type> Types => Facade.GetExportedTypes();

    [Fact]
    public void No_public_signature_needs_a_type_of_FSharp()
    {
        string[] foreign =
        [
            .. from type in Types
               from use in Signatures(type)
               from leaf in Leaves(use.Type)
               where !Allowed(leaf)
               select $"{type.Name}.{use.Member}: {leaf.FullName}",
        ];
        Assert.Empty(foreign);
    }

    [Fact]
    public void The_walk_over_signatures_sees_what_it_should()
    {
        string[] seen = [.. Signatures(typeof(Seen<>)).SelectMany(use => Leaves(use.Type)).Select(t => t.Name).Distinct()];
        Type[] hidden =
        [
            typeof(Uri), typeof(Guid), typeof(Version), typeof(Half), typeof(Random),
            typeof(Lazy<>), typeof(IObservable<>), typeof(Attribute), typeof(TimeOnly),
        ];
        Assert.All(hidden, type => Assert.Contains(type.Name, seen));
    }

    [Fact]
    public void The_numerics_that_the_facade_shows_know_nothing_of_FSharp()
    {
        Assert.DoesNotContain(
            typeof(Block).Assembly.GetReferencedAssemblies(), a => a.Name!.StartsWith("FSharp", StringComparison.Ordinal) || a.Name == "FsCheck");
    }

    [Fact]
    public void This_project_compiles_without_a_reference_to_FSharp()
    {
        Assert.DoesNotContain(
            typeof(SurfaceTests).Assembly.GetReferencedAssemblies(),
            a => a.Name is "FSharp.Core" or "FsCheck" or "Theory.Core" or "Theory.Problems" or "Theory.Algorithms" or "Theory.Views");
    }

    [Fact]
    public void Values_do_not_change()
    {
        string[] settable =
        [
            .. from type in Types
               from property in type.GetProperties(Declared)
               where property.SetMethod is { IsPublic: true } setter
                   && !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit))
               select $"{type.Name}.{property.Name}",
        ];
        Assert.Empty(settable);
        Assert.DoesNotContain(Types.SelectMany(t => t.GetFields(Declared)), f => f is { IsPublic: true, IsInitOnly: false, IsLiteral: false, IsSpecialName: false });
    }

    [Fact]
    public void Options_have_a_default_and_only_With_members()
    {
        Type[] options = [.. Types.Where(t => t.Name.EndsWith("Options", StringComparison.Ordinal))];
        Assert.Equal(2, options.Length);
        Assert.All(options, type =>
        {
            Assert.Empty(type.GetConstructors());
            Assert.Equal(type, type.GetProperty("Default")!.PropertyType);
            foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            {
                Assert.Equal(type, type.GetMethod($"With{property.Name}")!.ReturnType);
            }
        });
    }

    [Fact]
    public void Enumerations_have_the_librarys_cases()
    {
        var core = Assembly.Load("Theory.Core");
        foreach (Type type in Types.Where(t => t.IsEnum))
        {
            Type union = core.GetType($"Theory.{type.Name}", throwOnError: true)!;
            string[] cases =
            [
                .. union.GetProperties(BindingFlags.Public | BindingFlags.Static).Where(p => p.PropertyType == union).Select(p => p.Name),
            ];
            Assert.Equal(cases.Order(), Enum.GetNames(type).Order());
        }
    }

    [Fact]
    public void Long_work_takes_a_progress_and_a_token()
    {
        MethodInfoOf[] tasks =
        [
            .. from type in Types
               from method in type.GetMethods(Declared)
               where method.IsPublic && typeof(Task).IsAssignableFrom(method.ReturnType)
               select new MethodInfoOf(type.Name, method),
        ];
        Assert.Equal(3, tasks.Length);
        Assert.All(tasks, task =>
        {
            Assert.EndsWith("Async", task.Method.Name, StringComparison.Ordinal);
            Type[] parameters = [.. task.Method.GetParameters().Select(p => p.ParameterType)];
            Assert.Contains(typeof(CancellationToken), parameters);
            Assert.Contains(parameters, p => p.IsGenericType && p.GetGenericTypeDefinition() == typeof(IProgress<>));
        });
    }

    /// <summary>The compiler refuses a public member without documentation (CS1591 is an error); this finds empty ones.</summary>
    [Fact]
    public void Every_public_member_says_what_it_is()
    {
        XDocument documents = XDocument.Load(Path.ChangeExtension(Facade.Location, ".xml"));
        XElement[] members = [.. documents.Descendants("member")];
        Assert.True(members.Length > 200);
        string[] silent =
        [
            .. members
                .Where(m => m.Element("inheritdoc") is null && string.IsNullOrWhiteSpace(m.Element("summary")?.Value))
                .Select(m => m.Attribute("name")!.Value),
        ];
        Assert.Empty(silent);
    }

    private sealed record MethodInfoOf(string Type, MethodInfo Method);

    private static bool Allowed(Type type) =>
        type.Assembly == Facade
        || type.Assembly == typeof(Block).Assembly
        || type.Assembly.GetName().Name is "System.Private.CoreLib" or "System.Runtime" or "System.Collections" or "System.Linq";

    /// <summary>Every type that a public or protected member of a type shows.</summary>
    private static IEnumerable<(string Member, Type Type)> Signatures(Type type)
    {
        foreach (Type basis in type.GetInterfaces().Append(type.BaseType ?? typeof(object)))
        {
            yield return ("base", basis);
        }

        foreach (Type constraint in type.GetGenericArguments().SelectMany(a => a.GetGenericParameterConstraints()))
        {
            yield return ("constraint", constraint);
        }

        foreach (MemberInfo member in type.GetMembers(Declared))
        {
            foreach (Type used in member switch
            {
                MethodInfo m when Visible(m) =>
                [
                    m.ReturnType,
                    .. m.GetParameters().Select(p => p.ParameterType),
                    .. m.GetGenericArguments().SelectMany(a => a.GetGenericParameterConstraints()),
                ],
                ConstructorInfo c when Visible(c) => c.GetParameters().Select(p => p.ParameterType),
                PropertyInfo p when p.GetAccessors(true).Any(Visible) => [p.PropertyType],
                FieldInfo { IsPublic: true } or FieldInfo { IsFamily: true } or FieldInfo { IsFamilyOrAssembly: true } => [((FieldInfo)member).FieldType],
                EventInfo e => [e.EventHandlerType!],
                _ => (IEnumerable<Type>)[],
            })
            {
                yield return (member.Name, used);
            }
        }
    }

    private static bool Visible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static IEnumerable<Type> Leaves(Type type)
    {
        if (type.HasElementType)
        {
            return Leaves(type.GetElementType()!);
        }

        if (type.IsGenericParameter)
        {
            return [];
        }

        return type.IsGenericType
            ? type.GetGenericArguments().SelectMany(Leaves).Append(type.GetGenericTypeDefinition())
            : [type];
    }

    /// <summary>Hides a type in each place where a signature can.</summary>
    private abstract class Seen<T> : IObservable<T>
        where T : Attribute
    {
        protected Half Field = Half.One;

        protected Seen(Random random) => _ = random;

        protected Dictionary<string, Uri[]>? Property => null;

        public IDisposable Subscribe(IObserver<T> observer) => throw new NotSupportedException();

        protected abstract Func<int, Lazy<Guid>> Method(in Version version);

        protected abstract void Generic<A>()
            where A : IEquatable<TimeOnly>;
    }
}
