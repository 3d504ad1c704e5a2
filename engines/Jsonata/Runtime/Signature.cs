namespace Gateway.Jsonata.Runtime;

/// <summary>
/// What a function takes, from its written form such as <c>&lt;s-nn?:s&gt;</c> (docs.jsonata.org, Function signature
/// syntax). Binding follows regular-expression rules: optional parameters take an argument when they can, and give it
/// back when the rest would not fit otherwise.
/// </summary>
internal sealed class Signature
{
    private readonly Parameter[] _parameters;

    private Signature(Parameter[] parameters) => _parameters = parameters;

    /// <summary>How many parameters it declares.</summary>
    public int Parameters => _parameters.Length;

    /// <summary>How many arguments a call can hold at most.</summary>
    public int MaxArguments => Array.Exists(_parameters, p => p.Repeats) ? int.MaxValue : _parameters.Length;

    /// <summary>Whether the context may stand in for an argument that is left out.</summary>
    public bool TakesContext => Array.Exists(_parameters, p => p.FromContext);

    /// <summary>Whether so many arguments leave nothing to take from the context.</summary>
    public bool IsFilledBy(int arguments) => arguments >= _parameters.Count(parameter => !parameter.Optional);

    public static Signature Known(string text) =>
        TryParse(text, out var signature, out var error) ? signature : throw new ArgumentException(error.Message, nameof(text));

    public static bool TryParse(string text, out Signature signature, out (string Code, int Offset, string Message) error)
    {
        var parameters = new List<Parameter>();
        error = default;
        signature = null!;
        for (var at = 1; at < text.Length && text[at] != ':'; at++)
        {
            var last = parameters.Count > 0 ? parameters[^1] : null;
            switch (text[at])
            {
                case '-' when last is not null:
                    last.FromContext = true;
                    break;
                case '?' when last is not null:
                    last.Optional = true;
                    break;
                case '+' when last is not null:
                    last.Repeats = true;
                    break;
                case '(':
                    var end = Closing(text, at, '(', ')');
                    var choice = text[(at + 1)..Math.Min(end, text.Length)];
                    if (choice.Contains('<'))
                    {
                        error = ("S0402", at, $"the choice '({choice})' must not hold types with parameters");
                        return false;
                    }
                    parameters.Add(new Parameter(Kinds.Of(choice)));
                    at = end;
                    break;
                case '<':
                    if (last is null || !last.TakesSubtype)
                    {
                        error = ("S0401", at, "only arrays (a) and functions (f) take a type in angle brackets");
                        return false;
                    }
                    var close = Closing(text, at, '<', '>');
                    last.Item = text[(at + 1)..Math.Min(close, text.Length)];
                    at = close;
                    break;
                case var symbol when Kinds.IsSymbol(symbol):
                    parameters.Add(new Parameter(Kinds.Of(symbol)) { IsArray = symbol == 'a', TakesSubtype = symbol is 'a' or 'f' });
                    break;
            }
        }
        signature = new Signature([.. parameters]);
        return true;
    }

    /// <summary>Whether the arguments can be used as they lie, without conversion, shifting or context.</summary>
    public bool Accepts(ReadOnlySpan<Value> arguments)
    {
        if (arguments.Length > _parameters.Length)
        {
            return false;
        }
        for (var i = 0; i < _parameters.Length; i++)
        {
            var parameter = _parameters[i];
            if (i >= arguments.Length)
            {
                if (!parameter.Optional || parameter.FromContext)
                {
                    return false;
                }
            }
            else if (!parameter.TakesAsIs(arguments[i]))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Whether just the first parameter is missing, the context can stand in for it, and the arguments fit the others as they lie.</summary>
    public bool TakesFirstFromContext(ReadOnlySpan<Value> arguments, in Value context)
    {
        if (arguments.Length != _parameters.Length - 1 || !_parameters[0].FromContext || _parameters[0].IsArray || (_parameters[0].Accepted & Kinds.Of(context)) == 0)
        {
            return false;
        }
        for (var i = 0; i < arguments.Length; i++)
        {
            var parameter = _parameters[i + 1];
            if (parameter.Optional || parameter.FromContext || parameter.Repeats || !parameter.TakesAsIs(arguments[i]))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>One value per parameter, or the error T0410, T0411 or T0412.</summary>
    public Value[] Bind(Evaluation run, ReadOnlySpan<Value> arguments, in Value context)
    {
        var taken = new int[_parameters.Length];
        if (!Match(arguments, 0, 0, _parameters.Length, true, taken))
        {
            throw Mismatch(run, arguments, taken);
        }
        var bound = new List<Value>(_parameters.Length);
        var at = 0;
        for (var i = 0; i < _parameters.Length; i++)
        {
            var parameter = _parameters[i];
            if (taken[i] == 0)
            {
                if (!parameter.FromContext)
                {
                    bound.Add(at < arguments.Length ? arguments[at] : default);
                    at++;
                }
                else if ((parameter.Accepted & Kinds.Of(context)) != 0)
                {
                    bound.Add(context);
                }
                else
                {
                    throw run.Fail("T0411", $"the context value is of the wrong type for argument {at + 1} of {NameOf(run)}");
                }
            }
            for (var n = 0; n < taken[i]; n++, at++)
            {
                // An optional parameter that took nothing has shifted the rest, as it does in jsonata.js.
                var argument = at < arguments.Length ? arguments[at] : default;
                bound.Add(parameter.IsArray ? AsArray(run, parameter, argument, at) : argument);
            }
        }
        return [.. bound];
    }

    private static Value AsArray(Evaluation run, Parameter parameter, in Value argument, int at)
    {
        if (argument.IsUndefined || parameter.TakesAsIs(argument))
        {
            return argument;
        }
        if (argument.Kind == JsonataKind.Array || (parameter.Item is { } item && item != Kinds.Symbol(argument)))
        {
            throw run.Fail("T0412", $"argument {at + 1} of {NameOf(run)} must be an array of {Kinds.Plural(parameter.Item)}");
        }
        return Value.From(new ValueList([argument]));
    }

    private bool Match(ReadOnlySpan<Value> arguments, int parameter, int argument, int end, bool whole, int[] taken)
    {
        if (parameter == end)
        {
            return !whole || argument == arguments.Length;
        }
        var wanted = _parameters[parameter];
        var most = 0;
        while (argument + most < arguments.Length && (most == 0 || wanted.Repeats) && (wanted.Accepted & Kinds.Of(arguments[argument + most])) != 0)
        {
            most++;
        }
        var least = wanted.Optional || wanted.FromContext ? 0 : 1;
        for (var n = most; n >= least; n--)
        {
            taken[parameter] = n;
            if (Match(arguments, parameter + 1, argument + n, end, whole, taken))
            {
                return true;
            }
        }
        return false;
    }

    private JsonataFailure Mismatch(Evaluation run, ReadOnlySpan<Value> arguments, int[] taken)
    {
        var good = 0;
        for (var end = 1; end <= _parameters.Length && Match(arguments, 0, 0, end, false, taken); end++)
        {
            good = 0;
            for (var i = 0; i < end; i++)
            {
                good += taken[i];
            }
        }
        return run.Fail("T0410", $"argument {good + 1} of {NameOf(run)} does not match the function's signature");
    }

    private static string NameOf(Evaluation run) => run.Site.Name is { } name ? $"function '{name}'" : "the function";

    private static int Closing(string text, int start, char open, char close)
    {
        var depth = 1;
        for (var at = start + 1; at < text.Length; at++)
        {
            depth += text[at] == open ? 1 : text[at] == close ? -1 : 0;
            if (depth == 0)
            {
                return at;
            }
        }
        return text.Length;
    }

    private sealed class Parameter(int accepted)
    {
        /// <summary>Undefined passes for anything but a function.</summary>
        public int Accepted { get; } = accepted == Kinds.Of('f') ? accepted : accepted | Kinds.Missing;

        public bool IsArray { get; init; }

        public bool TakesSubtype { get; init; }

        public string? Item { get; set; }

        public bool FromContext { get; set; }

        public bool Optional { get; set; }

        public bool Repeats { get; set; }

        public bool TakesAsIs(in Value value)
        {
            if (!IsArray || value.IsUndefined)
            {
                return (Accepted & Kinds.Of(value)) != 0;
            }
            return value.Kind == JsonataKind.Array && (Item is null || HoldsOnly(value, Kinds.Of(Item[..Math.Min(1, Item.Length)])));
        }

        private static bool HoldsOnly(in Value array, int kind)
        {
            foreach (var item in new Items(array))
            {
                if (Kinds.Of(item) != kind)
                {
                    return false;
                }
            }
            return true;
        }
    }
}

/// <summary>The letters of a signature as bits.</summary>
internal static class Kinds
{
    public const int Missing = 128;

    /// <summary>The bit of each <see cref="JsonataKind"/>.</summary>
    private static ReadOnlySpan<byte> OfKinds => [Missing, 8, 4, 2, 1, 64, 16, 32];

    private const string Symbols = "snblofajx";
    private const int Anything = 127;

    public static bool IsSymbol(char symbol) => Symbols.Contains(symbol);

    public static int Of(char symbol) => symbol switch
    {
        's' => 1,
        'n' => 2,
        'b' => 4,
        'l' => 8,
        'o' => 16,
        'f' => 32,
        'j' => Anything & ~32,
        'a' or 'x' => Anything,
        _ => 0,
    };

    /// <summary>A choice of types; here an array is only an array.</summary>
    public static int Of(string choice)
    {
        var kinds = 0;
        foreach (var symbol in choice)
        {
            kinds |= symbol == 'a' ? 64 : Of(symbol);
        }
        return kinds;
    }

    public static int Of(in Value value) => (int)value.Kind < OfKinds.Length ? OfKinds[(int)value.Kind] : 16;

    public static string Symbol(in Value value) => Of(value) switch
    {
        1 => "s",
        2 => "n",
        4 => "b",
        8 => "l",
        32 => "f",
        64 => "a",
        Missing => "m",
        _ => "o",
    };

    public static string Plural(string? symbol) => symbol switch
    {
        "s" => "strings",
        "n" => "numbers",
        "b" => "booleans",
        "o" => "objects",
        "f" => "functions",
        "a" => "arrays",
        _ => $"type {symbol}",
    };
}
