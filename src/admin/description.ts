import type * as Swagger from '@nestjs/swagger';

type Api = typeof Swagger;
type Say = (api: Api) => void;

/** What the decorators below said, in their order, until somebody asks for the description. */
const unsaid: Say[] = [];

/** Swagger, with everything said to it. It is loaded by whoever wants to read the description: most starts end without one. */
export async function loadDescription(): Promise<Api> {
  const api = await import('@nestjs/swagger');
  for (const say of unsaid.splice(0)) say(api);
  return api;
}

/** The decorator of that name, which decorates when the description is loaded. */
function later<Name extends DecoratorName>(name: Name): Api[Name] {
  const factory = (...args: unknown[]) => {
    return (...target: unknown[]) => {
      unsaid.push((api) => (api[name] as DecoratorFactory)(...args)(...target));
    };
  };
  return factory as Api[Name];
}

type DecoratorFactory = (...args: unknown[]) => (...target: unknown[]) => unknown;
type DecoratorName = Extract<keyof Api, `Api${string}`>;

export const ApiBasicAuth = later('ApiBasicAuth');
export const ApiBearerAuth = later('ApiBearerAuth');
export const ApiExcludeController = later('ApiExcludeController');
export const ApiExtraModels = later('ApiExtraModels');
export const ApiForbiddenResponse = later('ApiForbiddenResponse');
export const ApiNoContentResponse = later('ApiNoContentResponse');
export const ApiNotFoundResponse = later('ApiNotFoundResponse');
export const ApiOkResponse = later('ApiOkResponse');
export const ApiOperation = later('ApiOperation');
export const ApiParam = later('ApiParam');
export const ApiProperty = later('ApiProperty');
export const ApiSecurity = later('ApiSecurity');
export const ApiServiceUnavailableResponse = later('ApiServiceUnavailableResponse');
export const ApiTags = later('ApiTags');
export const ApiTooManyRequestsResponse = later('ApiTooManyRequestsResponse');
export const ApiUnauthorizedResponse = later('ApiUnauthorizedResponse');
export const ApiUnprocessableEntityResponse = later('ApiUnprocessableEntityResponse');

/** References to models that are named by `ApiExtraModels`. */
export function refs(...models: readonly { readonly name: string }[]): { readonly $ref: string }[] {
  return models.map(({ name }) => ({ $ref: `#/components/schemas/${name}` }));
}
