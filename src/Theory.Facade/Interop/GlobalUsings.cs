global using Theory.Numerics;
global using Core = global::Theory;
